const INITIAL_UNITS = 4_096;
const INITIAL_TOKENS = 256;
/** A larger line's room is given back after use. */
const KEPT_UNITS = 262_144;

/**
 * The tokens of one line, as spans of code units with a hash each; used again for the next line.
 *
 * Writers fill `units` and the token arrays themselves: this is the innermost loop.
 */
export class TokenBuffer {
  units = new Uint16Array(INITIAL_UNITS);
  starts = new Int32Array(INITIAL_TOKENS);
  ends = new Int32Array(INITIAL_TOKENS);
  hashes = new Int32Array(INITIAL_TOKENS);
  count = 0;

  /** Makes room for so many code units and tokens; what they were is lost. */
  reserve(units: number, tokens: number): void {
    if (units > this.units.length || this.units.length > KEPT_UNITS) {
      const room = roomFor(units, INITIAL_UNITS);
      if (room !== this.units.length) this.units = new Uint16Array(room);
    }
    if (tokens > this.starts.length || this.starts.length > KEPT_UNITS) {
      const room = roomFor(tokens, INITIAL_TOKENS);
      if (room === this.starts.length) return;
      this.starts = new Int32Array(room);
      this.ends = new Int32Array(room);
      this.hashes = new Int32Array(room);
    }
  }

  /** The text of a token. */
  text(index: number): string {
    return textOf(this.units, this.starts[index] as number, this.ends[index] as number);
  }
}

function roomFor(needed: number, least: number): number {
  let room = least;
  while (room < needed) room *= 2;
  return room;
}

const CHUNK = 4_096;

/** Code units as a text of its own. */
export function textOf(units: Uint16Array, from: number, to: number): string {
  if (to - from <= CHUNK) {
    return String.fromCharCode.apply(null, units.subarray(from, to) as Uint16Array & number[]);
  }
  let text = '';
  for (let start = from; start < to; start += CHUNK) {
    text += textOf(units, start, Math.min(start + CHUNK, to));
  }
  return text;
}

export const HASH_SEED = 0x811c9dc5 | 0;
export const HASH_FACTOR = 0x01000193;

/** The hash of a token: FNV-1a over its code units. */
export function hashOf(text: string): number {
  let hash = HASH_SEED;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), HASH_FACTOR);
  }
  return hash;
}
