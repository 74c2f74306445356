import { RarityReference } from './rarity-reference';
import { profileOf, type WindowProfile } from './window-profile';

/** Fewest windows that can tell what is rare. */
const MIN_WINDOWS = 20;
/** A window is suspect when at most this share of all agrees on some key's presence. */
const SUSPECT_SHARE = 0.02;
/** Rare windows that a clean stream has as well. */
export const CLEAN_SUSPECTS = 0.005;
/** Suspects beyond so many times the largest share that may be left out make being rare usual. */
const DIVERSE_FACTOR = 1.1;

/**
 * Leaves out windows too rare to be normal, before anything is trained on or calibrated by them.
 *
 * Training data is unlabelled and so contains anomalies; a recurring one would be learned as normal and would lift the
 * calibrated threshold above itself. Rarity does not learn: a window stays suspect as long as it is a small share.
 * Windows are left out from the rarest on, until `maxShare` of them are gone or no suspect is left; windows of equal
 * rarity go or stay together, so that half of a kind never vouches for the other half.
 *
 * What is rare among all windows may be usual in its context, and then makes no suspect: a branch of a seldom taken
 * route, or a whole seldom taken route (see `CommonContexts`).
 *
 * Nothing is left out where suspects are no sign of contamination: at most half a percent of all, which a clean stream
 * has as well (leaving them out would flag their like for ever); or more than could be left out, by a tenth, which makes
 * being rare a property of the workload.
 *
 * @param windows key tokens of each, any integers >= 0
 * @param maxShare largest share that may be left out, in [0, 1)
 * @returns indices, ascending; everything is kept when there are fewer than 20 windows
 */
export function trimContaminated(
  windows: readonly Int32Array[],
  maxShare: number,
): { kept: readonly number[]; trimmed: readonly number[] } {
  const all = windows.map((_, index) => index);
  const room = Math.floor(windows.length * maxShare);
  if (windows.length < MIN_WINDOWS || room === 0) return { kept: all, trimmed: [] };

  const profiles = windows.map(profileOf);
  const rarities = raritiesOf(windows, profiles);
  const suspects = all
    .filter((index) => (rarities[index] ?? 0) >= -Math.log(SUSPECT_SHARE))
    .sort((a, b) => (rarities[b] ?? 0) - (rarities[a] ?? 0) || a - b);
  const share = suspects.length / windows.length;
  if (share <= CLEAN_SUSPECTS || share > DIVERSE_FACTOR * maxShare)
    return { kept: all, trimmed: [] };

  let count = Math.min(room, suspects.length);
  const rarityAt = (rank: number): number | undefined => rarities[suspects[rank] ?? -1];
  while (count > 0 && count < suspects.length && rarityAt(count - 1) === rarityAt(count)) count--;

  const trimmed = suspects.slice(0, count).sort((a, b) => a - b);
  const isTrimmed = new Set(trimmed);
  return { kept: all.filter((index) => !isTrimmed.has(index)), trimmed };
}

/** Rarity of each window in nats, by those of its keys that no common context explains. */
function raritiesOf(
  windows: readonly Int32Array[],
  profiles: readonly WindowProfile[],
): readonly number[] {
  const vocabularySize =
    1 + profiles.reduce((largest, { keys }) => Math.max(largest, keys.at(-1) ?? 0), 0);
  const reference = new RarityReference(windows.length, vocabularySize);
  for (const profile of profiles) reference.enter(profile);
  const contexts = new CommonContexts(windows, profiles, vocabularySize);
  return profiles.map((profile, index) => {
    const odd = reference.oddTokens(profile, SUSPECT_SHARE);
    let agreement = 1;
    for (const { token, share, isMissing } of odd) {
      const own = isMissing ? 1 - share : share;
      if (own < agreement && !contexts.explain(index, token, isMissing)) agreement = own;
    }
    return -Math.log(agreement);
  });
}

/** Share of all windows from which a key is a context of its own; an anomaly that recurs as often is beyond trimming. */
const CONTEXT_SHARE = 0.05;
/** Share of all windows from which a first line makes a route of its own. */
const ROUTE_SHARE = 0.005;
/** Share of a context's windows from which something is usual there. */
const USUAL_SHARE = 0.04;

/**
 * What is usual where: shares of keys among the windows that have a common key or begin alike.
 *
 * Contexts are common keys, since a rare one may be part of the anomaly that it would explain, and first lines, since a
 * route that few requests take begins with a line of its own.
 */
class CommonContexts {
  private readonly withKey = new Map<number, number[]>();
  private readonly beginning = new Map<number, number[]>();
  private readonly contextsOf: (index: number) => readonly (readonly number[])[];
  private readonly shares = new Map<readonly number[], Float64Array>();

  constructor(
    windows: readonly Int32Array[],
    private readonly profiles: readonly WindowProfile[],
    private readonly vocabularySize: number,
  ) {
    for (const [index, { keys }] of profiles.entries()) {
      for (const key of keys) append(this.withKey, key, index);
      append(this.beginning, windows[index]?.[0] ?? -1, index);
    }
    const keyWindows = CONTEXT_SHARE * windows.length;
    const routeWindows = ROUTE_SHARE * windows.length;
    this.contextsOf = (index) => {
      const route = this.beginning.get(windows[index]?.[0] ?? -1) ?? [];
      const contexts = [...(profiles[index]?.keys ?? [])]
        .map((key) => this.withKey.get(key) ?? [])
        .filter((members) => members.length >= keyWindows);
      return route.length >= routeWindows ? [...contexts, route] : contexts;
    };
  }

  /** Whether the presence, or absence, of a key is usual in some context of a window. */
  explain(index: number, token: number, isMissing: boolean): boolean {
    return this.contextsOf(index).some((members) => {
      const share = this.shareIn(members, token);
      return (isMissing ? 1 - share : share) >= USUAL_SHARE;
    });
  }

  private shareIn(members: readonly number[], token: number): number {
    let shares = this.shares.get(members);
    if (!shares) {
      shares = new Float64Array(this.vocabularySize);
      for (const member of members) {
        for (const key of this.profiles[member]?.keys ?? []) {
          shares[key] = (shares[key] ?? 0) + 1 / members.length;
        }
      }
      this.shares.set(members, shares);
    }
    return shares[token] ?? 0;
  }
}

function append(lists: Map<number, number[]>, key: number, value: number): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
