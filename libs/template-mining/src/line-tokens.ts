import { CLASS_OF, SPACE } from './character-classes';
import { HASH_FACTOR, HASH_SEED, type TokenBuffer } from './token-buffer';

/** Splits text at white space and at the extra delimiters into a buffer. */
export function splitInto(
  text: string,
  extraDelimiters: readonly string[],
  buffer: TokenBuffer,
): void {
  let spaced = text;
  for (const delimiter of extraDelimiters) spaced = spaced.replaceAll(delimiter, ' ');

  const { length } = spaced;
  buffer.reserve(length, (length >> 1) + 1);
  const { units, starts, ends, hashes } = buffer;
  let count = 0;
  let start = 0;
  let out = 0;
  let hash = HASH_SEED;
  for (let at = 0; at < length; at++) {
    const unit = spaced.charCodeAt(at);
    if (CLASS_OF[unit] !== SPACE) {
      units[out++] = unit;
      hash = Math.imul(hash ^ unit, HASH_FACTOR);
    } else if (out > start) {
      starts[count] = start;
      ends[count] = out;
      hashes[count++] = hash;
      start = out;
      hash = HASH_SEED;
    }
  }
  if (out > start) {
    starts[count] = start;
    ends[count] = out;
    hashes[count++] = hash;
  }
  buffer.count = count;
}
