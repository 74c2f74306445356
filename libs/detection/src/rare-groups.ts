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
 * @param maxShare largest share that may be left out, in [0, 1)
 * @returns for each group whether it is left out
 */
export function rareGroups(
  groups: readonly WindowGroup[],
  maxShare: number,
  vocabularySize: number,
): readonly boolean[] {
  const total = groups.reduce((sum, { windows }) => sum + windows, 0);
  const isRare = groups.map(() => false);
  const room = Math.floor(total * maxShare);
  let gone = 0;
  for (let pass = 0; pass < MAX_PASSES && gone < room; pass++) {
    const left = groups.flatMap((_, index) => (isRare[index] ? [] : [index]));
    const rarities = raritiesOf(
      left.flatMap((index) => groups[index] ?? []),
      vocabularySize,
    );
    const suspects = left
      .map((index, at) => ({
        index,
        rarity: rarities[at] ?? 0,
        windows: groups[index]?.windows ?? 0,
      }))
      .filter(({ rarity }) => rarity >= -Math.log(SUSPECT_SHARE))
      .sort((a, b) => b.rarity - a.rarity || a.index - b.index);
    const suspected = suspects.reduce((sum, { windows }) => sum + windows, 0);
    if (suspected === 0 || (pass === 0 && suspected <= CLEAN_SUSPECTS * total)) break;
    if (gone + suspected > DIVERSE_FACTOR * maxShare * total) break;
    const before = gone;
    for (let start = 0; start < suspects.length;) {
      const { rarity } = suspects[start] ?? { rarity: 0 };
      const equal = suspects.slice(start).filter((other) => other.rarity === rarity);
      const windows = equal.reduce((sum, group) => sum + group.windows, 0);
      if (gone + windows > room) break;
      for (const { index } of equal) isRare[index] = true;
      gone += windows;
      start += equal.length;
    }
    if (gone === before) break;
  }
  return isRare;
}

/** Rarity of each group in nats, by those of its keys that no common context explains. */
function raritiesOf(groups: readonly WindowGroup[], vocabularySize: number): readonly number[] {
  const total = groups.reduce((sum, { windows }) => sum + windows, 0);
  const having = new Float64Array(vocabularySize);
  for (const { keys, windows } of groups) {
    for (const key of keys) having[key] = (having[key] ?? 0) + windows;
  }
  const common = [...having.keys()].filter((key) => 2 * (having[key] ?? 0) >= total);
  const contexts = new CommonContexts(groups, total, vocabularySize);
  return groups.map((group) => {
    let agreement = total;
    const weigh = (key: number, own: number, isMissing: boolean): void => {
      if (own >= agreement || own > SUSPECT_SHARE * total) return;
      if (!contexts.explain(group, key, isMissing)) agreement = own;
    };
    for (const key of group.keys) weigh(key, having[key] ?? 0, false);
    const present = new Set(group.keys);
    for (const key of common) {
      if (!present.has(key)) weigh(key, total - (having[key] ?? 0), true);
    }
    return -Math.log(agreement / total);
  });
}

/** Share of all windows from which a key is a context of its own; an anomaly that recurs as often is beyond trimming. */
const CONTEXT_SHARE = 0.05;
/** Share of all windows from which a first line makes a route of its own. */
const ROUTE_SHARE = 0.005;
/** Share of a context's windows from which something is usual there. */
const USUAL_SHARE = 0.04;

interface Context {
  readonly members: WindowGroup[];
  windows: number;
  /** Windows with each key; counted when first asked for. */
  having: Float64Array | undefined;
}

/**
 * What is usual where: shares of keys among the windows that have a common key or begin alike.
 *
 * Contexts are common keys, since a rare one may be part of the anomaly that it would explain, and first lines, since a
 * route that few requests take begins with a line of its own.
 */
class CommonContexts {
  private readonly withKey = new Map<number, Context>();
  private readonly beginning = new Map<number, Context>();

  constructor(
    groups: readonly WindowGroup[],
    private readonly total: number,
    private readonly vocabularySize: number,
  ) {
    for (const group of groups) {
      for (const key of group.keys) append(this.withKey, key, group);
      if (group.first >= 0) append(this.beginning, group.first, group);
    }
  }

  /** Whether the presence, or absence, of a key is usual in some context of the windows. */
  explain(group: WindowGroup, token: number, isMissing: boolean): boolean {
    const route = this.beginning.get(group.first);
    if (route && route.windows >= ROUTE_SHARE * this.total && this.isUsual(route, token, isMissing))
      return true;
    for (const key of group.keys) {
      const context = this.withKey.get(key);
      if (!context || context.windows < CONTEXT_SHARE * this.total) continue;
      if (this.isUsual(context, token, isMissing)) return true;
    }
    return false;
  }

  private isUsual(context: Context, token: number, isMissing: boolean): boolean {
    let { having } = context;
    if (!having) {
      having = new Float64Array(this.vocabularySize);
      for (const { keys, windows } of context.members) {
        for (const key of keys) having[key] = (having[key] ?? 0) + windows;
      }
      context.having = having;
    }
    const own = having[token] ?? 0;
    return (isMissing ? context.windows - own : own) >= USUAL_SHARE * context.windows;
  }
}

function append(contexts: Map<number, Context>, key: number, group: WindowGroup): void {
  const context = contexts.get(key);
  if (!context) {
    contexts.set(key, { members: [group], windows: group.windows, having: undefined });
    return;
  }
  context.members.push(group);
  context.windows += group.windows;
}
