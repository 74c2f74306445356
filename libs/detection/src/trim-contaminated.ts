import { RarityReference } from './rarity-reference';
import { profileOf } from './window-profile';

/** Fewest windows that can tell what is rare. */
const MIN_WINDOWS = 20;
/** A window is suspect when at most this share of all agrees on some key's presence. */
const SUSPECT_SHARE = 0.02;
/** Rare windows that a clean stream has as well. */
export const CLEAN_SUSPECTS = 0.005;
/** So many times the largest share that may be left out: then being rare is usual here. */
const DIVERSE_FACTOR = 2;

/**
 * Leaves out windows too rare to be normal, before anything is trained on or calibrated by them.
 *
 * Training data is unlabelled and so contains anomalies; a recurring one would be learned as normal and would lift the
 * calibrated threshold above itself. Rarity does not learn: a window stays suspect as long as it is a small share.
 * Windows are left out from the rarest on, until `maxShare` of them are gone or no suspect is left; windows of equal
 * rarity go or stay together, so that half of a kind never vouches for the other half.
 *
 * Nothing is left out where suspects are no sign of contamination: at most half a percent of all, which a clean stream
 * has as well (leaving them out would flag their like for ever); or more than twice `maxShare`, which makes being rare a
 * property of the workload.
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
  const vocabularySize =
    1 + profiles.reduce((largest, { keys }) => Math.max(largest, keys.at(-1) ?? 0), 0);
  const reference = new RarityReference(windows.length, vocabularySize);
  for (const profile of profiles) reference.enter(profile);
  const rarities = profiles.map((profile) => reference.rarityOf(profile, 1));

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
