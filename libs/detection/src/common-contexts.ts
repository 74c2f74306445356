import { KeyCounter } from './key-counter';
import type { CountedWindows } from './counted-windows';

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

/**
 * What is usual where: shares of keys among the windows that have a common key or begin alike.
 *
 * Contexts are common keys, since a rare one may be part of the anomaly that it would explain, and first lines, since a
 * route that few requests take begins with a line of its own. A context is counted, in one walk through all windows, when
 * it is first asked for.
 */
export class CommonContexts {
  private readonly withKey = new Map<number, Float64Array>();
  private readonly onRoute = new Map<number, Float64Array>();
  private readonly counter: KeyCounter;

  /** @param isLeft which of the windows are counted, in `counts` as well */
  constructor(
    private readonly windows: CountedWindows,
    private readonly isLeft: (index: number) => boolean,
    private readonly counts: Counts,
  ) {
    this.counter = new KeyCounter(counts.having.length);
  }

  /** Whether the presence, or absence, of a key is usual in some context of the index-th window. */
  explain(index: number, key: number, isMissing: boolean): boolean {
    const { having, beginning, total } = this.counts;
    const isUsual = (context: Float64Array, windows: number): boolean => {
      const own = context[key] ?? 0;
      return (isMissing ? windows - own : own) >= USUAL_SHARE * windows;
    };
    const first = this.windows.firstOf(index);
    const beginAlike = first < 0 ? 0 : (beginning[first] ?? 0);
    if (beginAlike > 0 && beginAlike >= ROUTE_SHARE * total) {
      if (isUsual(this.routeOf(first), beginAlike)) return true;
    }
    const tokens = this.windows.tokensOf(index);
    for (let at = 0; at < tokens.length; at++) {
      const token = tokens[at] ?? 0;
      const alike = having[token] ?? 0;
      if (alike < CONTEXT_SHARE * total) continue;
      if (isUsual(this.contextOf(token), alike)) return true;
    }
    return false;
  }

  private routeOf(first: number): Float64Array {
    let route = this.onRoute.get(first);
    if (!route) {
      route = this.count((index) => this.windows.firstOf(index) === first);
      this.onRoute.set(first, route);
    }
    return route;
  }

  private contextOf(key: number): Float64Array {
    let context = this.withKey.get(key);
    if (!context) {
      context = this.count((index) => has(this.windows.tokensOf(index), key));
      this.withKey.set(key, context);
    }
    return context;
  }

  /** Windows with each key, of those that belong. */
  private count(belongs: (index: number) => boolean): Float64Array {
    const sums = new Float64Array(this.counts.having.length);
    for (let index = 0; index < this.windows.size; index++) {
      if (!this.isLeft(index) || !belongs(index)) continue;
      this.counter.add(sums, this.windows.tokensOf(index), this.windows.windowsOf(index));
    }
    return sums;
  }
}

function has(tokens: ArrayLike<number>, key: number): boolean {
  for (let at = 0; at < tokens.length; at++) if (tokens[at] === key) return true;
  return false;
}
