import { TOKEN_BYTES, UNIT_BYTES } from './memory-formula';
import { hashOf, type TokenBuffer } from './token-buffer';

/** A token that no template has. */
export const UNSEEN = -1;

const EMPTY = -1;
const DELETED = -2;
const INITIAL_SLOTS = 1_024;

/**
 * Every token of every template, once, with a number for it; forgotten when its last holder lets go.
 *
 * Open addressing with linear probing; a token is found by its hash and compared character by character, so that a line
 * becomes numbers without a string being made.
 */
export class TokenTable {
  /** Token and hash of each slot side by side, so that one look at memory tells most other tokens apart. */
  private slots = new Int32Array(INITIAL_SLOTS * 2).fill(EMPTY);
  private usedSlots = 0;
  private readonly texts: string[] = [];
  private readonly holders: number[] = [];
  private readonly free: number[] = [];
  private live = 0;
  private units = 0;

  /** Tokens held now. */
  get size(): number {
    return this.live;
  }

  /** Bytes that the tokens held now take. */
  get heldBytes(): number {
    return this.live * TOKEN_BYTES + this.units * UNIT_BYTES;
  }

  /** The number of a buffer's token, `UNSEEN` when no template has it. */
  find(buffer: TokenBuffer, index: number): number {
    const { slots } = this;
    const hash = buffer.hashes[index] as number;
    const mask = slots.length - 1;
    for (let slot = firstSlot(hash) & mask; ; slot = (slot + 2) & mask) {
      const token = slots[slot] as number;
      if (token === EMPTY) return UNSEEN;
      if (slots[slot + 1] === hash && token >= 0 && this.isEqual(token, buffer, index)) {
        return token;
      }
    }
  }

  findText(text: string): number {
    const hash = hashOf(text);
    const mask = this.slots.length - 1;
    for (let slot = firstSlot(hash) & mask; ; slot = (slot + 2) & mask) {
      const token = this.slots[slot] as number;
      if (token === EMPTY) return UNSEEN;
      if (token >= 0 && this.texts[token] === text) return token;
    }
  }

  textOf(token: number): string {
    return this.texts[token] as string;
  }

  /** The number of a token, held once more. */
  hold(text: string): number {
    const known = this.findText(text);
    if (known >= 0) {
      this.holders[known] = (this.holders[known] as number) + 1;
      return known;
    }
    if ((this.usedSlots + 1) * 4 > this.slots.length) this.rebuild();
    const token = this.free.pop() ?? this.texts.length;
    const hash = hashOf(text);
    this.texts[token] = text;
    this.holders[token] = 1;
    this.live++;
    this.units += text.length;
    this.place(token, hash);
    return token;
  }

  /** Holds a token once more that somebody holds already. */
  holdAgain(token: number): void {
    this.holders[token] = (this.holders[token] as number) + 1;
  }

  /** Lets go of a token; the last to do so removes it. */
  release(token: number): void {
    const holders = (this.holders[token] as number) - 1;
    this.holders[token] = holders;
    if (holders > 0) return;
    const text = this.texts[token] as string;
    const mask = this.slots.length - 1;
    let slot = firstSlot(hashOf(text)) & mask;
    while (this.slots[slot] !== token) slot = (slot + 2) & mask;
    this.slots[slot] = DELETED;
    this.units -= text.length;
    this.texts[token] = '';
    this.free.push(token);
    this.live--;
  }

  private isEqual(token: number, buffer: TokenBuffer, index: number): boolean {
    const text = this.texts[token] as string;
    const { units } = buffer;
    const start = buffer.starts[index] as number;
    const length = (buffer.ends[index] as number) - start;
    if (text.length !== length) return false;
    for (let at = 0; at < length; at++) {
      if (text.charCodeAt(at) !== units[start + at]) return false;
    }
    return true;
  }

  private place(token: number, hash: number): void {
    const mask = this.slots.length - 1;
    let slot = firstSlot(hash) & mask;
    while ((this.slots[slot] as number) >= 0) slot = (slot + 2) & mask;
    if (this.slots[slot] === EMPTY) this.usedSlots++;
    this.slots[slot] = token;
    this.slots[slot + 1] = hash;
  }

  /** Drops the marks of removed tokens and makes room for twice the live ones. */
  private rebuild(): void {
    let length = INITIAL_SLOTS;
    while (length < this.live * 4) length *= 2;
    this.slots = new Int32Array(length * 2).fill(EMPTY);
    this.usedSlots = 0;
    for (let token = 0; token < this.texts.length; token++) {
      if ((this.holders[token] as number) > 0) {
        this.place(token, hashOf(this.texts[token] as string));
      }
    }
  }
}

/** An even place. FNV's low bits are weak for short words; the high ones are mixed in. */
function firstSlot(hash: number): number {
  return (hash ^ (hash >>> 15)) << 1;
}
