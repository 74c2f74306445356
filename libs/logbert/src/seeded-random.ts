/**
 * A small seeded generator: the same seed gives the same numbers on every machine.
 *
 * Source: mulberry32, T. Ettinger, public domain. Period 2³².
 *
 * @param seed any number; its lower 32 bits count
 * @returns a function that gives numbers in [0, 1)
 */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A seed for a part of the work, so that parts may be done again alone. */
export function deriveSeed(seed: number, part: number): number {
  return Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(part + 1, 0xc2b2ae35);
}

/** Puts the items of an array or typed array in random order, in place (Fisher & Yates). */
export function shuffle<Item>(
  items: { readonly length: number; [index: number]: Item },
  random: () => number,
): void {
  for (let last = items.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const [a, b] = [items[last], items[other]];
    if (a !== undefined && b !== undefined) [items[last], items[other]] = [b, a];
  }
}
