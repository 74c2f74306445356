import { ALNUM, CLASS_OF, DIGIT, JOINT, MARK, SPACE } from './character-classes';
import { DefaultMaskFinder } from './default-mask-finder';
import { DEFAULT_MASK_NAMES } from './default-masks';
import { HASH_FACTOR, HASH_SEED, textOf, type TokenBuffer } from './token-buffer';

const BLANK = 0x20;
const COMMA = 0x2c;
const INITIAL_LINE = 4_096;
const KEPT_LINE = 262_144;

/** Masks a line and splits it into tokens in one pass, by hand. */
export class DefaultMaskScanner {
  private readonly finder = new DefaultMaskFinder();
  private readonly masks: readonly Uint16Array[];
  private readonly longestMask: number;
  private line = new Uint16Array(INITIAL_LINE);

  constructor(prefix: string, suffix: string) {
    this.masks = DEFAULT_MASK_NAMES.map((name) => {
      const mask = prefix + name + suffix;
      return Uint16Array.from(mask, (_, index) => mask.charCodeAt(index));
    });
    this.longestMask = Math.max(...this.masks.map(({ length }) => length));
  }

  /** The line with its masks in place, white space as it was. */
  mask(text: string, buffer: TokenBuffer): string {
    const end = this.scan(text, buffer, false);
    return textOf(buffer.units, 0, end);
  }

  /** As `mask`, into the buffer's code units; returns how many they are. */
  maskInto(text: string, buffer: TokenBuffer): number {
    return this.scan(text, buffer, false);
  }

  /** The masked line's tokens. */
  tokenise(text: string, buffer: TokenBuffer): void {
    this.scan(text, buffer, true);
  }

  /**
   * @param isSplit whether white space ends tokens and is left out
   * @returns how many code units were written
   */
  private scan(text: string, buffer: TokenBuffer, isSplit: boolean): number {
    const { length } = text;
    const line = this.load(text);
    // A mask stands for at least one character, and another character separates it from the next.
    const half = (length >> 1) + 1;
    buffer.reserve(half * (this.longestMask + 1), half);
    const { units, starts, ends, hashes } = buffer;
    const { finder } = this;
    let count = 0;
    let start = 0;
    let at = 0;
    let out = 0;
    let hash = HASH_SEED;
    // Whether the character before is a letter or digit.
    let isInside = false;

    while (at < length) {
      let unit = line[at] as number;
      let flags = CLASS_OF[unit] as number;
      let end = -1;
      if ((flags & ALNUM) !== 0) {
        const runStart = at;
        const outBefore = out;
        const hashBefore = hash;
        let seen = 0;
        do {
          units[out++] = unit;
          hash = Math.imul(hash ^ unit, HASH_FACTOR);
          seen |= flags;
          unit = line[++at] as number;
          flags = CLASS_OF[unit] as number;
        } while ((flags & ALNUM) !== 0);
        isInside = true;
        if ((seen & DIGIT) !== 0 || (flags & JOINT) !== 0) {
          end = finder.atWord(line, runStart, at, seen);
        } else if (at - runStart === 3 && (unit === BLANK || unit === COMMA)) {
          end = finder.atName(line, runStart);
        }
        if (end < 0) continue;
        out = outBefore;
        hash = hashBefore;
      } else if (isSplit && flags === SPACE) {
        if (out > start) {
          starts[count] = start;
          ends[count] = out;
          hashes[count++] = hash;
          start = out;
          hash = HASH_SEED;
        }
        at++;
        isInside = false;
        continue;
      } else {
        if ((flags & MARK) !== 0 && !isInside) end = finder.atMark(line, at);
        isInside = false;
        if (end < 0) {
          units[out++] = unit;
          hash = Math.imul(hash ^ unit, HASH_FACTOR);
          at++;
          continue;
        }
      }
      const mask = this.masks[finder.found] as Uint16Array;
      for (let index = 0; index < mask.length; index++) {
        const written = mask[index] as number;
        units[out++] = written;
        hash = Math.imul(hash ^ written, HASH_FACTOR);
      }
      isInside = ((CLASS_OF[line[end - 1] as number] as number) & ALNUM) !== 0;
      at = end;
    }
    if (out > start) {
      starts[count] = start;
      ends[count] = out;
      hashes[count++] = hash;
    }
    buffer.count = count;
    return out;
  }

  private load(text: string): Uint16Array {
    const { length } = text;
    if (length >= this.line.length || this.line.length > KEPT_LINE) {
      this.line = new Uint16Array(Math.max(INITIAL_LINE, length + 1));
    }
    const { line, finder } = this;
    let hasAt = false;
    for (let index = 0; index < length; index++) {
      const unit = text.charCodeAt(index);
      line[index] = unit;
      if (unit === 0x40) hasAt = true;
    }
    line[length] = 0;
    finder.hasAt = hasAt;
    return line;
  }
}
