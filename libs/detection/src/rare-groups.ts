import { CommonContexts, isUsualIn, noteOddity } from './common-contexts';
import type { CountedWindows } from './counted-windows';
import { KeyCounter } from './key-counter';
import { OddKeys } from './odd-keys';

/** Windows of the same keys that begin alike. */
export interface WindowGroup {
  /** Distinct tokens, ascending. */
  readonly keys: Int32Array;
  /** First token of the windows; -1 when it is not known. */
  readonly first: number;
  /** How many windows these are. */
  readonly windows: number;
}

/** A window is suspect when at most this share of all agrees on some key's presence. */
export const SUSPECT_SHARE = 0.02;
/** Rare windows that a clean stream has as well. */
export const CLEAN_SUSPECTS = 0.005;
/** Suspects beyond so many times the largest share that may be left out make being rare usual. */
const DIVERSE_FACTOR = 1.1;
/** Each pass uncovers what the rarer ones hid; two are usual. */
const MAX_PASSES = 5;
/** Agreement of windows that are no suspects. */
const USUAL = Infinity;
const NO_KEYS = new Int32Array(0);

/**
 * Which windows are too rare to be normal.
 *
 * Windows are left out from the rarest on, until `maxShare` of them are gone or no suspect is left; windows of equal
 * rarity go or stay together, so that half of a kind never vouches for the other half. What is rare among all windows may be
 * usual in its context, and then makes no suspect: a branch of a seldom taken route, or a whole seldom taken route (see
 * `CommonContexts`).
 *
 * Two anomalies may hide each other: each lacks what the other lacks, and neither alone is rare. The search is repeated
 * among the windows that are left until nothing more is found ("masking", cf. Barnett & Lewis, "Outliers in Statistical
 * Data", 1994, section 4.3).
 *
 * Nothing is left out where suspects are no sign of contamination: at most half a percent of all, which a clean stream
 * has as well (leaving them out would flag their like for ever); or more than could be left out, by a tenth, which makes
 * being rare a property of the workload.
 *
 * Beside the windows it takes nine bytes for each different one, and a list of what is odd for each context.
 *
 * @param maxShare largest share that may be left out, in [0, 1)
 * @returns for each of the different windows 1 when it is left out, else 0
 */
export function rareWindows(
  windows: CountedWindows,
  maxShare: number,
  vocabularySize: number,
): Uint8Array {
  const isRare = new Uint8Array(windows.size);
  const agreements = new Float64Array(windows.size);
  let total = 0;
  for (let index = 0; index < windows.size; index++) total += windows.windowsOf(index);
  const room = Math.floor(total * maxShare);
  let gone = 0;
  for (let pass = 0; pass < MAX_PASSES && gone < room; pass++) {
    const suspects = findSuspects(windows, isRare, agreements, vocabularySize);
    const suspected = [...suspects.values()].reduce((sum, count) => sum + count, 0);
    if (suspected === 0 || (pass === 0 && suspected <= CLEAN_SUSPECTS * total)) break;
    if (gone + suspected > DIVERSE_FACTOR * maxShare * total) break;
    let limit = -1;
    for (const [agreement, count] of [...suspects].sort(([a], [b]) => a - b)) {
      if (gone + count > room) break;
      gone += count;
      limit = agreement;
    }
    if (limit < 0) break;
    for (let index = 0; index < windows.size; index++) {
      if (!isRare[index] && (agreements[index] ?? USUAL) <= limit) isRare[index] = 1;
    }
  }
  return isRare;
}

/** `rareWindows` of windows in groups. @returns for each group whether it is left out */
export function rareGroups(
  groups: readonly WindowGroup[],
  maxShare: number,
  vocabularySize: number,
): readonly boolean[] {
  const isRare = rareWindows(
    {
      size: groups.length,
      tokensOf: (index) => groups[index]?.keys ?? NO_KEYS,
      firstOf: (index) => groups[index]?.first ?? -1,
      windowsOf: (index) => groups[index]?.windows ?? 0,
    },
    maxShare,
    vocabularySize,
  );
  return Array.from(isRare, (rare) => rare === 1);
}

/**
 * Writes for each window how many of all that are left agree with it where it is oddest, by those of its keys that no common
 * context explains.
 *
 * @returns number of suspect windows by their agreement
 */
function findSuspects(
  windows: CountedWindows,
  isRare: Uint8Array,
  agreements: Float64Array,
  vocabularySize: number,
): ReadonlyMap<number, number> {
  const isLeft = (index: number): boolean => isRare[index] === 0 && windows.windowsOf(index) > 0;
  const counter = new KeyCounter(vocabularySize);
  const having = new Float64Array(vocabularySize);
  const beginning = new Float64Array(vocabularySize);
  let total = 0;
  for (let index = 0; index < windows.size; index++) {
    if (!isLeft(index)) continue;
    const count = windows.windowsOf(index);
    const first = windows.firstOf(index);
    total += count;
    counter.add(having, windows.tokensOf(index), count);
    if (first >= 0) beginning[first] = (beginning[first] ?? 0) + count;
  }
  const odd = new OddKeys(having, total, (count) => count > 0 && count <= SUSPECT_SHARE * total);
  const contexts = new CommonContexts({ having, beginning, total }, odd.agreeing.length);
  for (let index = 0; index < windows.size; index++) {
    if (!isLeft(index)) continue;
    const tokens = windows.tokensOf(index);
    const oddities = odd.of(tokens);
    if (oddities.length === 0) continue;
    const around = contexts.of(tokens, windows.firstOf(index));
    for (const oddity of oddities) noteOddity(around, oddity, windows.windowsOf(index));
  }

  const suspects = new Map<number, number>();
  const isSuspect = (agreement: number): boolean =>
    -Math.log(agreement / total) >= -Math.log(SUSPECT_SHARE);
  for (let index = 0; index < windows.size; index++) {
    agreements[index] = USUAL;
    if (!isLeft(index)) continue;
    const tokens = windows.tokensOf(index);
    const oddities = odd.of(tokens);
    if (oddities.length === 0) continue;
    const around = contexts.of(tokens, windows.firstOf(index));
    let agreement = total;
    for (const oddity of oddities) {
      const own = odd.agreeing[oddity] ?? total;
      if (own < agreement && !isUsualIn(around, oddity)) agreement = own;
    }
    if (!isSuspect(agreement)) continue;
    agreements[index] = agreement;
    suspects.set(agreement, (suspects.get(agreement) ?? 0) + windows.windowsOf(index));
  }
  return suspects;
}
