import type { WeightedWindows } from '@logbert/logbert';
import type { WindowHistory } from '@logbert/sequences';

/**
 * Which distinct windows some of a history are, in order of first occurrence, and how often each occurs among them.
 *
 * @param numbers of windows of the history
 * @param isTaken whether the window at a place of `numbers` is meant
 */
export function weighWindows(
  history: WindowHistory,
  numbers: Uint32Array,
  isTaken: (place: number) => boolean,
): WeightedWindows {
  const counts = new Uint32Array(history.distinct.size);
  let distinct = 0;
  for (let place = 0; place < numbers.length; place++) {
    if (!isTaken(place)) continue;
    const id = history.idOf(numbers[place] ?? NaN);
    if (counts[id] === 0) distinct++;
    counts[id] = (counts[id] ?? 0) + 1;
  }
  const ids = new Uint32Array(distinct);
  const weights = new Uint32Array(distinct);
  let at = 0;
  for (let place = 0; at < distinct; place++) {
    if (!isTaken(place)) continue;
    const id = history.idOf(numbers[place] ?? NaN);
    const count = counts[id] ?? 0;
    if (count === 0) continue;
    ids[at] = id;
    weights[at] = count;
    counts[id] = 0;
    at++;
  }
  return { windows: history.distinct, ids, weights };
}
