import { clusterBytes, TOKEN_BYTES, UNIT_BYTES } from './memory-formula';
import { hashOf, type TokenBuffer } from './token-buffer';

/** One line must not push out everything else. */
const LINE_SHARE = 1 / 4;

/**
 * Cuts lines that are longer than a template may be: the first tokens stay, all others become one, the rest wildcard.
 *
 * Lines that differ only behind the cut are one group, and no line of ordinary length is ever in it, unless that ends in
 * the rest wildcard's text itself. The same line is always cut at the same place.
 */
export class LineCap {
  private readonly maxTokens: number;
  private readonly maxLineBytes: number;
  private readonly restHash: number;

  /**
   * @param maxTokens tokens that stay at most; undefined: as many as there are
   * @param maxBytes what the whole miner may hold; a line may take a quarter of it
   * @param rest text of the rest wildcard
   */
  constructor(
    maxTokens: number | undefined,
    maxBytes: number | undefined,
    readonly rest: string,
  ) {
    this.maxTokens = maxTokens ?? Infinity;
    this.maxLineBytes = maxBytes === undefined ? Infinity : maxBytes * LINE_SHARE;
    this.restHash = hashOf(rest);
  }

  /**
   * How many of a line's first tokens stay; all of them when nothing is cut.
   *
   * @param ends where each token ends when all are written without gaps
   */
  kept(count: number, ends: Int32Array): number {
    if (count === 0) return 0;
    const kept = Math.min(count, this.maxTokens);
    if (this.bytesOf(kept, ends) <= this.maxLineBytes) return kept;
    let least = 0;
    let most = kept;
    while (least < most) {
      const middle = (least + most + 1) >> 1;
      if (this.bytesOf(middle, ends) <= this.maxLineBytes) least = middle;
      else most = middle - 1;
    }
    return least;
  }

  /** As `apply`, for tokens as texts. */
  cut(tokens: readonly string[]): readonly string[] {
    let end = 0;
    const ends = Int32Array.from(tokens, (token) => (end += token.length));
    const kept = this.kept(tokens.length, ends);
    return kept === tokens.length ? tokens : [...tokens.slice(0, kept), this.rest];
  }

  apply(buffer: TokenBuffer): void {
    const kept = this.kept(buffer.count, buffer.ends);
    if (kept === buffer.count) return;
    const start = kept === 0 ? 0 : (buffer.ends[kept - 1] as number);
    const end = start + this.rest.length;
    if (end > buffer.units.length) {
      const wider = new Uint16Array(end * 2);
      wider.set(buffer.units);
      buffer.units = wider;
    }
    for (let index = 0; index < this.rest.length; index++) {
      buffer.units[start + index] = this.rest.charCodeAt(index);
    }
    buffer.starts[kept] = start;
    buffer.ends[kept] = end;
    buffer.hashes[kept] = this.restHash;
    buffer.count = kept + 1;
  }

  /** The most that a template of the line's first tokens can take. */
  private bytesOf(tokenCount: number, ends: Int32Array): number {
    const units = tokenCount === 0 ? 0 : (ends[tokenCount - 1] as number);
    const own = tokenCount * TOKEN_BYTES + units * UNIT_BYTES;
    return own + clusterBytes(tokenCount, units + tokenCount);
  }
}
