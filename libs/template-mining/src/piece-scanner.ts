import { MARK, type PieceBuffer, type PieceKind, VARIABLE, WORD } from './piece-buffer';
import { HASH_FACTOR, HASH_SEED } from './token-buffer';
import { isTokenSpace } from './tokens';

/** Pieces of a line that are told apart; what follows them is one variable piece. */
const MAX_PIECES = 256;
/** Code units of a word; a longer one is a value. */
const MAX_WORD = 128;
/** Code units of a variable piece that are told apart; a longer one is just the wildcard. */
const MAX_FORM = 64;

const SPACE = 1;
const SEPARATOR = 2;
const LETTER = 4;

const CLASS_OF = new Uint8Array(0x1_0000);
for (let unit = 0; unit < CLASS_OF.length; unit++) {
  if (isTokenSpace(unit)) CLASS_OF[unit] = SPACE;
  else if (unit > 0x7f || /[A-Za-z]/.test(String.fromCharCode(unit))) CLASS_OF[unit] = LETTER;
}
for (const mark of '=:,;()[]{}"\'|<>!?') CLASS_OF[mark.charCodeAt(0)] = SEPARATOR;

const COMMA = 0x2c;
const SEMICOLON = 0x3b;
const EQUALS_SIGN = 0x3d;
const QUOTE = 0x22;
const CLOSING_OF = new Uint16Array(128);
for (const [open, close] of ['()', '[]', '{}', '""'] as Iterable<string>) {
  CLOSING_OF[(open as string).charCodeAt(0)] = (close as string).charCodeAt(0);
}

/**
 * Cuts a masked line into words, punctuation marks and variable pieces.
 *
 * Lines of one statement get the same number of pieces however long their lists and values are: variables that follow
 * each other, with a comma, a semicolon or nothing between, are one piece; an empty pair of brackets or quotes and a
 * key without a value (`user= host=a`) hold an empty variable.
 */
export class PieceScanner {
  /** The texts of masks, by their first code unit. */
  private readonly masks = new Map<number, readonly Uint16Array[]>();
  /** 1 for code units that a mask begins with. */
  private readonly beginsMask = new Uint8Array(0x1_0000);

  private readonly maxPieces: number;

  /**
   * @param names names of masks; `*` is one of them without being said
   * @param maxPieces pieces of a line that are told apart, 256 at most
   */
  constructor(names: Iterable<string>, prefix: string, suffix: string, maxPieces = MAX_PIECES) {
    this.maxPieces = Math.min(maxPieces, MAX_PIECES);
    // The longer of two that begin alike comes first.
    const texts = Array.from(new Set([...names, '*']), (name) => prefix + name + suffix)
      .filter((text) => text !== '')
      .sort((a, b) => b.length - a.length);
    for (const text of texts) {
      const units = Uint16Array.from(text, (_, index) => text.charCodeAt(index));
      const first = units[0] as number;
      this.beginsMask[first] = 1;
      this.masks.set(first, [...(this.masks.get(first) ?? []), units]);
    }
  }

  /** Finds the pieces of the masked line that the buffer holds. */
  read(buffer: PieceBuffer): void {
    const { length } = buffer;
    buffer.reservePieces(Math.min(2 * length, this.maxPieces) + 4);
    const { units } = buffer;
    buffer.count = 0;
    let at = 0;
    let gap = 0;
    while (at < length) {
      const unit = units[at] as number;
      const kind = CLASS_OF[unit] as number;
      if (kind === SPACE) {
        gap = 1;
        at++;
        continue;
      }
      if (buffer.count >= this.maxPieces) {
        addVariable(buffer, at, length, gap);
        return;
      }
      if (kind === SEPARATOR && this.maskAt(buffer, at) === 0) {
        add(buffer, at, at + 1, MARK, gap, Math.imul(HASH_SEED ^ unit, HASH_FACTOR));
        at++;
        if (holdsNothing(buffer, at)) addVariable(buffer, at, at, 0);
      } else {
        at = this.readWord(buffer, at, gap);
      }
      gap = 0;
    }
  }

  /** Reads a run of word characters and masks; returns where it ends. */
  private readWord(buffer: PieceBuffer, start: number, gap: number): number {
    const { units, length } = buffer;
    const { beginsMask } = this;
    let at = start;
    let hash = HASH_SEED;
    let hasMask = false;
    let hasLetter = false;
    let beginsWithMask = false;
    while (at < length) {
      const unit = units[at] as number;
      const kind = CLASS_OF[unit] as number;
      const mask = beginsMask[unit] === 1 ? this.maskAt(buffer, at) : 0;
      if (mask > 0) {
        if (at === start) beginsWithMask = true;
        hasMask = true;
        for (const end = at + mask; at < end; at++) {
          hash = Math.imul(hash ^ (units[at] as number), HASH_FACTOR);
        }
        continue;
      }
      if (kind === SPACE || kind === SEPARATOR) break;
      if (kind === LETTER) hasLetter = true;
      hash = Math.imul(hash ^ unit, HASH_FACTOR);
      at++;
    }
    const isValue = at - start > MAX_WORD || (hasMask && (beginsWithMask || !hasLetter));
    if (isValue) addVariable(buffer, start, at, gap);
    else add(buffer, start, at, WORD, gap, hash);
    return at;
  }

  /** Width of the mask that stands at a position, 0 for none. */
  private maskAt({ units, length }: PieceBuffer, at: number): number {
    const masks = this.masks.get(units[at] as number);
    if (!masks) return 0;
    for (const mask of masks) {
      let index = 1;
      if (at + mask.length > length) continue;
      while (index < mask.length && units[at + index] === mask[index]) index++;
      if (index === mask.length) return index;
    }
    return 0;
  }
}

function add(
  buffer: PieceBuffer,
  start: number,
  end: number,
  kind: PieceKind,
  gap: number,
  hash: number,
): void {
  const index = buffer.count++;
  buffer.starts[index] = start;
  buffer.ends[index] = end;
  buffer.kinds[index] = kind;
  buffer.gaps[index] = gap;
  buffer.hashes[index] = hash;
}

/** Adds a variable, or lets the one before go on: it may stand right before, or with a list separator between. */
function addVariable(buffer: PieceBuffer, start: number, end: number, gap: number): void {
  const { kinds, starts, units, ends, hashes } = buffer;
  let last = buffer.count - 1;
  if (last > 0 && kinds[last] === MARK) {
    const mark = units[starts[last] as number];
    if (mark === COMMA || mark === SEMICOLON) last--;
  }
  if (last >= 0 && kinds[last] === VARIABLE) {
    buffer.count = last + 1;
    ends[last] = end;
  } else {
    last = buffer.count;
    add(buffer, start, end, VARIABLE, gap, 0);
  }
  hashes[last] = isLongForm(buffer, last) ? 0 : hashOfUnits(units, starts[last] as number, end);
}

/** Whether the mark just read is an opening one that is closed at once, or the `=` of a key without a value. */
function holdsNothing({ units, length, count, kinds, gaps }: PieceBuffer, next: number): boolean {
  const mark = units[next - 1] as number;
  const isAlone = count === 1 || gaps[count - 1] === 1;
  if (mark === EQUALS_SIGN) {
    const isAtEnd = next >= length || CLASS_OF[units[next] as number] === SPACE;
    return isAtEnd && !isAlone && kinds[count - 2] !== MARK;
  }
  if (CLOSING_OF[mark] === 0 || next >= length || units[next] !== CLOSING_OF[mark]) return false;
  // A quote after a word closes what another opened.
  return mark !== QUOTE || isAlone || kinds[count - 2] === MARK;
}

function hashOfUnits(units: Uint16Array, start: number, end: number): number {
  let hash = HASH_SEED;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (units[at] as number), HASH_FACTOR);
  return hash;
}

/** Whether a variable piece is too long for its text to be kept. */
export function isLongForm({ starts, ends }: PieceBuffer, index: number): boolean {
  return (ends[index] as number) - (starts[index] as number) > MAX_FORM;
}
