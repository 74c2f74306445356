/** The bag of tokens of one window. */
export interface WindowProfile {
  readonly length: number;
  /** Distinct tokens, ascending. */
  readonly keys: Int32Array;
  /** How often each of `keys` occurs. */
  readonly counts: Int32Array;
  /** Equal for equal bags; 52 bits, so that different bags practically never share one. */
  readonly hash: number;
}

/**
 * Counts the tokens of a window.
 *
 * @param tokens `[lines]`, integers >= 0
 * @returns an empty profile of hash 0 when there are no tokens
 */
export function profileOf(tokens: Int32Array): WindowProfile {
  const sorted = Int32Array.from(tokens).sort();
  const keys = new Int32Array(sorted.length);
  const counts = new Int32Array(sorted.length);
  let distinct = 0;
  let low = 0;
  let high = 0;
  for (const token of sorted) {
    if (distinct > 0 && keys[distinct - 1] === token) {
      counts[distinct - 1] = (counts[distinct - 1] ?? 0) + 1;
    } else {
      keys[distinct] = token;
      counts[distinct] = 1;
      distinct++;
    }
  }
  for (let index = 0; index < distinct; index++) {
    const key = keys[index] ?? 0;
    const count = counts[index] ?? 0;
    low = mix(low ^ mix(key + 1), count);
    high = mix(high ^ mix(key + 0x51ed27), count + 7);
  }
  return {
    length: sorted.length,
    keys: keys.subarray(0, distinct),
    counts: counts.subarray(0, distinct),
    hash: (high & 0xfffff) * 0x1_0000_0000 + (low >>> 0),
  };
}

/** One round of MurmurHash3's finaliser (Appleby, public domain) with a salt. */
export function mix(value: number, salt = 0): number {
  let hash = Math.imul(value ^ Math.imul(salt + 1, 0x9e3779b1), 0x85ebca6b);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
