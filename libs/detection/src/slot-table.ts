import { mix } from './window-profile';

const NONE = -1;
const FEWEST_SLOTS = 16;

/**
 * Gives each number a slot of its own, a small integer to keep things by in typed arrays. A map would keep an object for most
 * numbers beyond 31 bits, and have each visited when garbage is collected; here there is none, however many numbers there are.
 *
 * Numbers are integers that a double keeps. A slot that was released is given to the next new number; room that there was once is
 * kept, 20 bytes a slot.
 */
export class SlotTable {
  private numbers = new Float64Array(FEWEST_SLOTS);
  /** By bucket, its first slot. */
  private firsts = new Int32Array(FEWEST_SLOTS).fill(NONE);
  /** By slot, the next of its bucket; of a slot that is free the next free one. */
  private nexts = chained(new Int32Array(FEWEST_SLOTS), 0);
  private free = 0;
  private used = 0;

  /** Numbers that have a slot. */
  get size(): number {
    return this.used;
  }

  /** All slots are below it; it doubles when a number finds no room. */
  get capacity(): number {
    return this.numbers.length;
  }

  has(number: number): boolean {
    return this.find(number) !== NONE;
  }

  /** The slot of a number, which is given one if it has none. */
  take(number: number): number {
    const known = this.find(number);
    if (known !== NONE) return known;
    if (this.free === NONE) this.grow();
    const slot = this.free;
    this.free = this.nexts[slot] ?? NONE;
    this.numbers[slot] = number;
    this.link(slot);
    this.used++;
    return slot;
  }

  /** Of a slot that is taken. */
  numberAt(slot: number): number {
    return this.numbers[slot] ?? 0;
  }

  /** Takes the slot from a number that has one. */
  release(number: number): void {
    const bucket = this.bucketOf(number);
    let before = NONE;
    let slot = this.firsts[bucket] ?? NONE;
    while (slot !== NONE && this.numbers[slot] !== number) {
      before = slot;
      slot = this.nexts[slot] ?? NONE;
    }
    if (slot === NONE) return;
    const after = this.nexts[slot] ?? NONE;
    if (before === NONE) this.firsts[bucket] = after;
    else this.nexts[before] = after;
    this.nexts[slot] = this.free;
    this.free = slot;
    this.used--;
  }

  /** In no order that means anything. */
  *[Symbol.iterator](): IterableIterator<number> {
    for (const first of this.firsts) {
      for (let slot = first; slot !== NONE; slot = this.nexts[slot] ?? NONE) {
        yield this.numberAt(slot);
      }
    }
  }

  private find(number: number): number {
    let slot = this.firsts[this.bucketOf(number)] ?? NONE;
    while (slot !== NONE && this.numbers[slot] !== number) slot = this.nexts[slot] ?? NONE;
    return slot;
  }

  private bucketOf(number: number): number {
    return mix(number | 0, Math.floor(number / 0x1_0000_0000)) & (this.firsts.length - 1);
  }

  private link(slot: number): void {
    const bucket = this.bucketOf(this.numberAt(slot));
    this.nexts[slot] = this.firsts[bucket] ?? NONE;
    this.firsts[bucket] = slot;
  }

  /** Of as many slots again, when all are taken. */
  private grow(): void {
    const { capacity } = this;
    this.numbers = widened(this.numbers, 2 * capacity);
    this.nexts = chained(widened(this.nexts, 2 * capacity), capacity);
    this.free = capacity;
    this.firsts = new Int32Array(2 * capacity).fill(NONE);
    for (let slot = 0; slot < capacity; slot++) this.link(slot);
  }
}

/** The same values, with room for more behind them. */
export function widened<Column extends Float64Array | Int32Array | Uint8Array>(
  column: Column,
  length: number,
): Column {
  const Columns = column.constructor as new (length: number) => Column;
  const wider = new Columns(length);
  wider.set(column);
  return wider;
}

/** Makes a list of the free slots from one on. */
function chained(nexts: Int32Array, from: number): Int32Array {
  for (let slot = from; slot < nexts.length; slot++) nexts[slot] = slot + 1;
  nexts[nexts.length - 1] = NONE;
  return nexts;
}
