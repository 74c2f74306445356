/** The tokens of a window, as narrow as the vocabulary allows. */
export type Tokens = Int32Array | Uint16Array;

/** Tokens of one block of memory; a window lies in one block. */
const BLOCK = 1 << 20;
const MOST_NARROW = 0x10000;
const FIRST_CAPACITY = 1_024;
/** The FNV-1a hash of Fowler, Noll and Vo, over whole tokens. */
const [HASH_START, HASH_PRIME] = [0x811c9dc5, 0x01000193];

/**
 * Distinct windows, numbered in order of first occurrence.
 *
 * They lie one after the other in large blocks, found again by a table of hashes: a window takes its tokens (two bytes
 * each below 65,537 of them in the vocabulary) and about 25 bytes, and one that is there already takes nothing.
 */
export class DistinctWindows {
  private readonly blocks: Tokens[] = [];
  private used = BLOCK;
  /** Block and place in it, as one number. */
  private starts = new Float64Array(FIRST_CAPACITY);
  private lengths = new Uint32Array(FIRST_CAPACITY);
  /** Number of a window and 1 at its hash or the next free place after it; 0 is free. */
  private places = new Uint32Array(2 * FIRST_CAPACITY);
  private count = 0;

  /** @param vocabularySize tokens are below it */
  constructor(private readonly vocabularySize: number) {}

  /** How many distinct windows there are. */
  get size(): number {
    return this.count;
  }

  /** Memory of the windows and the table. */
  get bytes(): number {
    const lists = [...this.blocks, this.starts, this.lengths, this.places];
    return lists.reduce((sum, { byteLength }) => sum + byteLength, 0);
  }

  /**
   * @param tokens copied, unless an equal window is there already
   * @returns number of the window, in `[0, size)`
   */
  add(tokens: Tokens): number {
    const place = this.placeOf(tokens);
    const known = this.places[place] ?? 0;
    if (known > 0) return known - 1;
    if (this.count === this.starts.length) this.grow();
    this.starts[this.count] = this.store(tokens);
    this.lengths[this.count] = tokens.length;
    this.count++;
    if (2 * this.count > this.places.length) this.rehash();
    else this.places[place] = this.count;
    return this.count - 1;
  }

  /** Lines; 0 for a number that is no window's. */
  lengthOf(index: number): number {
    return this.lengths[index] ?? 0;
  }

  /** A view that must not be written. @throws RangeError when there is no such window */
  tokensOf(index: number): Tokens {
    const start = this.starts[index] ?? NaN;
    const block = this.blocks[Math.floor(start / BLOCK)];
    if (index >= this.count || !block) throw new RangeError(`there is no window ${index}`);
    return block.subarray(start % BLOCK, (start % BLOCK) + this.lengthOf(index));
  }

  private store(tokens: Tokens): number {
    // A window longer than a block gets one of its own size.
    if (this.used + tokens.length > BLOCK) {
      const length = Math.max(BLOCK, tokens.length);
      const isNarrow = this.vocabularySize <= MOST_NARROW;
      this.blocks.push(isNarrow ? new Uint16Array(length) : new Int32Array(length));
      this.used = 0;
    }
    const start = (this.blocks.length - 1) * BLOCK + this.used;
    this.blocks.at(-1)?.set(tokens, this.used);
    this.used += tokens.length;
    return start;
  }

  /** Where an equal window is, or where this one belongs. */
  private placeOf(tokens: Tokens): number {
    const mask = this.places.length - 1;
    for (let place = hashOf(tokens) & mask; ; place = (place + 1) & mask) {
      const known = this.places[place] ?? 0;
      if (known === 0 || this.isWindow(known - 1, tokens)) return place;
    }
  }

  private isWindow(index: number, tokens: Tokens): boolean {
    if (this.lengths[index] !== tokens.length) return false;
    const own = this.tokensOf(index);
    return own.every((token, at) => token === tokens[at]);
  }

  private grow(): void {
    const starts = new Float64Array(2 * this.count);
    const lengths = new Uint32Array(2 * this.count);
    starts.set(this.starts);
    lengths.set(this.lengths);
    this.starts = starts;
    this.lengths = lengths;
  }

  private rehash(): void {
    const places = new Uint32Array(2 * this.places.length);
    const mask = places.length - 1;
    for (let index = 0; index < this.count; index++) {
      let place = hashOf(this.tokensOf(index)) & mask;
      while (places[place] !== 0) place = (place + 1) & mask;
      places[place] = index + 1;
    }
    this.places = places;
  }
}

function hashOf(tokens: Tokens): number {
  let hash = HASH_START;
  for (const token of tokens) hash = Math.imul(hash ^ token, HASH_PRIME);
  // The low bits, which alone are used, depend on low bits only: the high ones are mixed in.
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  return (hash ^ (hash >>> 13)) >>> 0;
}
