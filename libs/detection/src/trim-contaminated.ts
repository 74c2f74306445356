import { rareGroups, type WindowGroup } from './rare-groups';
import { profileOf } from './window-profile';

/** Fewest windows that can tell what is rare. */
const MIN_WINDOWS = 20;

/**
 * Leaves out windows too rare to be normal, before anything is trained on or calibrated by them.
 *
 * Training data is unlabelled and so contains anomalies; a recurring one would be learned as normal and would lift the
 * calibrated threshold above itself. Rarity does not learn: a window stays suspect as long as it is a small share. What is
 * left out, and when nothing is, `rareGroups` says.
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
  if (windows.length < MIN_WINDOWS) return { kept: all, trimmed: [] };

  const groups: (WindowGroup & { windows: number })[] = [];
  const known = new Map<string, number>();
  let vocabularySize = 1;
  const groupOf = windows.map((tokens) => {
    const { keys } = profileOf(tokens);
    const first = tokens[0] ?? -1;
    const name = `${first}:${keys.join()}`;
    let index = known.get(name);
    if (index === undefined) {
      index = groups.length;
      known.set(name, index);
      groups.push({ keys, first, windows: 0 });
      vocabularySize = Math.max(vocabularySize, 1 + (keys.at(-1) ?? 0));
    }
    const group = groups[index];
    if (group) group.windows++;
    return index;
  });
  const isRare = rareGroups(groups, maxShare, vocabularySize);
  const isTrimmed = (index: number): boolean => isRare[groupOf[index] ?? 0] ?? false;
  return { kept: all.filter((index) => !isTrimmed(index)), trimmed: all.filter(isTrimmed) };
}
