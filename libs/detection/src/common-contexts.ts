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
  /** By key; asked for each key of each window, which a map would make several times as slow. */
  private readonly withKey: (Float64Array | undefined)[];
  private readonly onRoute: (Float64Array | undefined)[];
  private readonly counter: KeyCounter;

  /** @param isLeft which of the windows are counted, in `counts` as well */
  constructor(
    private readonly windows: CountedWindows,
    private readonly isLeft: (index: number) => boolean,
    private readonly counts: Counts,
  ) {
    const keys = counts.having.length;
    this.counter = new KeyCounter(keys);
    this.withKey = Array.from({ length: keys });
    this.onRoute = Array.from({ length: keys });
  }

  /** Whether the presence, or absence, of a key is usual in some context of the index-th window. */
  explain(index: number, key: number, isMissing: boolean): boolean {
    const { having, beginning, total } = this.counts;
    const first = this.windows.firstOf(index);
    const beginAlike = first < 0 ? 0 : (beginning[first] ?? 0);
    if (beginAlike > 0 && beginAlike >= ROUTE_SHARE * total) {
      if (isUsual(this.routeOf(first)[key] ?? 0, beginAlike, isMissing)) return true;
    }
    const tokens = this.windows.tokensOf(index);
    for (let at = 0; at < tokens.length; at++) {
      const token = tokens[at] ?? 0;
      const alike = having[token] ?? 0;
      if (alike < CONTEXT_SHARE * total) continue;
      if (isUsual(this.contextOf(token)[key] ?? 0, alike, isMissing)) return true;
    }
    return false;
  }

  private routeOf(first: number): Float64Array {
    return (this.onRoute[first] ??= this.count((index) => this.windows.firstOf(index) === first));
  }

  private contextOf(key: number): Float64Array {
    return (this.withKey[key] ??= this.count((index) => has(this.windows.tokensOf(index), key)));
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

/** @param having how many of a context's windows have the key */
function isUsual(having: number, windows: number, isMissing: boolean): boolean {
  return (isMissing ? windows - having : having) >= USUAL_SHARE * windows;
}

function has(tokens: ArrayLike<number>, key: number): boolean {
  for (let at = 0; at < tokens.length; at++) if (tokens[at] === key) return true;
  return false;
}
