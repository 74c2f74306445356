import { KeyCounter } from './key-counter';

/** Share of all windows from which a key is a context of its own; an anomaly that recurs as often is beyond trimming. */
const CONTEXT_SHARE = 0.05;
/** Share of all windows from which a first line makes a route of its own. */
const ROUTE_SHARE = 0.005;
/** Share of a context's windows from which something is usual there. */
const USUAL_SHARE = 0.04;

interface Counts {
  /** Windows with each key. */
  readonly having: Float64Array;
  /** Windows that begin with each key. */
  readonly beginning: Float64Array;
  readonly total: number;
}

/** How many windows a context has, and how many of them have each oddity. */
export interface Context {
  readonly windows: number;
  readonly withOddity: Float64Array;
}

/**
 * What is usual where: shares of oddities among the windows that have a common key or begin alike.
 *
 * Contexts are common keys, since a rare one may be part of the anomaly that it would explain, and first lines, since a
 * route that few requests take begins with a line of its own. Only windows that have an oddity need be noted, which are few.
 */
export class CommonContexts {
  /** By key; undefined for those that are no context. */
  private readonly withKey: readonly (Context | undefined)[];
  private readonly onRoute: readonly (Context | undefined)[];
  private readonly counter: KeyCounter;

  /** @param oddities how many different ones there are */
  constructor({ having, beginning, total }: Counts, oddities: number) {
    const contextsOf = (counts: Float64Array, least: number): readonly (Context | undefined)[] =>
      Array.from(counts, (windows) =>
        windows > 0 && windows >= least
          ? { windows, withOddity: new Float64Array(oddities) }
          : undefined,
      );
    this.counter = new KeyCounter(having.length);
    this.withKey = contextsOf(having, CONTEXT_SHARE * total);
    this.onRoute = contextsOf(beginning, ROUTE_SHARE * total);
  }

  /**
   * The contexts of a window.
   *
   * @param tokens its keys, one or several times each
   * @param first what it begins with; -1 when that is not known
   */
  of(tokens: ArrayLike<number>, first: number): readonly Context[] {
    const route = first < 0 ? undefined : this.onRoute[first];
    const contexts = route ? [route] : [];
    for (const key of this.counter.distinct(tokens)) {
      const context = this.withKey[key];
      if (context) contexts.push(context);
    }
    return contexts;
  }
}

/** Counts windows that have an oddity among those of each of their contexts. */
export function noteOddity(contexts: readonly Context[], oddity: number, windows: number): void {
  for (const { withOddity } of contexts) {
    withOddity[oddity] = (withOddity[oddity] ?? 0) + windows;
  }
}

/** Whether an oddity is usual in one of the contexts. */
export function isUsualIn(contexts: readonly Context[], oddity: number): boolean {
  return contexts.some(
    ({ windows, withOddity }) => (withOddity[oddity] ?? 0) >= USUAL_SHARE * windows,
  );
}
