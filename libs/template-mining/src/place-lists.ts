const EMPTY = 0;
const DELETED = -1;
/** Smaller values name a list, larger ones a row. */
const FIRST_LIST = -2;
const INITIAL_BITS = 5;
/** 2^32 divided by the golden ratio: neighbours land far apart (Knuth, "The Art of Computer Programming" 3, 6.4). */
const SPREAD = 0x9e3779b1;

/**
 * Which rows have a token at a place.
 *
 * Open addressing with linear probing, key and value side by side: one look at memory finds a row that is alone, as most
 * are. Keys are 32 bits of `token * places + place`; beyond that two may share a list, so that it names more rows than asked for,
 * never fewer.
 */
export class PlaceLists {
  private slots = new Int32Array(2 << INITIAL_BITS);
  private shift = 32 - INITIAL_BITS;
  private usedSlots = 0;
  private live = 0;
  private readonly lists: number[][] = [];
  private readonly freeLists: number[] = [];
  private readonly single = [0];

  constructor(private readonly places: number) {}

  /** @returns rows that hold until the next are asked for; undefined when there are none */
  get(token: number, place: number): readonly number[] | undefined {
    const { slots } = this;
    const key = (token * this.places + place) | 0;
    const mask = slots.length - 1;
    for (let slot = (Math.imul(key, SPREAD) >>> this.shift) << 1; ; slot = (slot + 2) & mask) {
      const value = slots[slot + 1] as number;
      if (value === EMPTY) return undefined;
      if (slots[slot] !== key || value === DELETED) continue;
      if (value <= FIRST_LIST) return this.lists[FIRST_LIST - value];
      this.single[0] = value - 1;
      return this.single;
    }
  }

  add(row: number, token: number, place: number): void {
    const key = (token * this.places + place) | 0;
    const slot = this.slotOf(key);
    const value = this.slots[slot + 1] as number;
    if (value <= FIRST_LIST) (this.lists[FIRST_LIST - value] as number[]).push(row);
    else if (value > EMPTY) this.slots[slot + 1] = this.keep([value - 1, row]);
    else {
      if (value === EMPTY) this.usedSlots++;
      this.live++;
      this.slots[slot] = key;
      this.slots[slot + 1] = row + 1;
      if (this.usedSlots * 4 > this.slots.length) this.rebuild();
    }
  }

  /** Takes out a row that was added with this token and place. */
  remove(row: number, token: number, place: number): void {
    const slot = this.slotOf((token * this.places + place) | 0);
    const value = this.slots[slot + 1] as number;
    if (value > FIRST_LIST) {
      this.slots[slot + 1] = DELETED;
      this.live--;
      return;
    }
    const id = FIRST_LIST - value;
    const list = this.lists[id] as number[];
    list.splice(list.indexOf(row), 1);
    if (list.length > 1) return;
    this.slots[slot + 1] = (list[0] as number) + 1;
    this.lists[id] = [];
    this.freeLists.push(id);
  }

  /** The slot of a key, or the one that it may take. */
  private slotOf(key: number): number {
    const { slots } = this;
    const mask = slots.length - 1;
    let free = -1;
    for (let slot = (Math.imul(key, SPREAD) >>> this.shift) << 1; ; slot = (slot + 2) & mask) {
      const value = slots[slot + 1] as number;
      if (value === EMPTY) return free < 0 ? slot : free;
      if (value === DELETED) {
        if (free < 0) free = slot;
      } else if (slots[slot] === key) return slot;
    }
  }

  /** @returns the value that names the list */
  private keep(list: number[]): number {
    const id = this.freeLists.pop() ?? this.lists.length;
    this.lists[id] = list;
    return FIRST_LIST - id;
  }

  /** Drops the marks of removed keys and makes room for at least twice the live ones. */
  private rebuild(): void {
    const before = this.slots;
    let bits = INITIAL_BITS;
    while (1 << bits < this.live * 3) bits++;
    this.slots = new Int32Array(2 << bits);
    this.shift = 32 - bits;
    this.usedSlots = this.live;
    for (let at = 0; at < before.length; at += 2) {
      const value = before[at + 1] as number;
      if (value === EMPTY || value === DELETED) continue;
      const key = before[at] as number;
      const slot = this.slotOf(key);
      this.slots[slot] = key;
      this.slots[slot + 1] = value;
    }
  }
}
