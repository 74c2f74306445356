import { seededRandom } from '@logbert/logbert';

/** A line in a hundred windows is one of few keys that no other window has. */
const RARE_SHARE = 0.01;
const RARE_KEYS = 4;

export interface GeneratedWindowsInput {
  readonly windows: number;
  /** How many different ones there are; undefined for practically no two alike. */
  readonly distinct: number | undefined;
  /** Of the longest window; lengths vary from half of it on. */
  readonly lines: number;
  /** Keys are below it. */
  readonly keys: number;
  readonly seed: number;
}

/** Windows of random keys, always the same for a seed, one at a time in the same memory. */
export function* generateWindows(input: GeneratedWindowsInput): Iterable<Int32Array> {
  const { windows, distinct, seed } = input;
  const random = seededRandom(seed);
  if (distinct === undefined) {
    const window = new Int32Array(input.lines);
    for (let index = 0; index < windows; index++) yield drawWindow(window, input, random);
    return;
  }
  const pool = Array.from({ length: distinct }, () =>
    drawWindow(new Int32Array(input.lines), input, random),
  );
  // Few of them come often and most seldom, as in real logs.
  for (let index = 0; index < windows; index++) {
    yield pool[Math.floor(distinct * random() ** 3)] ?? new Int32Array(1);
  }
}

function drawWindow(
  window: Int32Array,
  { lines, keys }: GeneratedWindowsInput,
  random: () => number,
): Int32Array {
  for (let line = 0; line < lines; line++) {
    window[line] = Math.floor((keys - RARE_KEYS) * random());
  }
  if (random() < RARE_SHARE) window[0] = keys - 1 - Math.floor(RARE_KEYS * random());
  const shortest = Math.ceil(lines / 2);
  return window.subarray(0, shortest + Math.floor((lines - shortest + 1) * random()));
}
