/**
 * A small pseudo-random source that a seed determines.
 *
 * Source: Tommy Ettinger's mulberry32, a 32-bit counter with a multiply-xorshift finaliser. Good enough for
 * masks and shuffles, not for secrets.
 *
 * @param seed any integer; only its low 32 bits count
 * @returns a function that gives the next number in [0, 1)
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
