import { SlotTable, widened } from './slot-table';

/** Share of the windows from which a pattern is usual. */
const USUAL_SHARE = 0.02;
/** Fewest windows that make a pattern usual where few are remembered. */
const MIN_WINDOWS = 5;
/** A change of work is sudden when half of so many windows in a row show it. */
const SUDDEN_WINDOWS = 20;
/** A usual pattern is forgotten when so many times the windows that are looked back on have gone by without it. */
const FORGOTTEN_AFTER = 10;
/** Most usual patterns that are remembered; those seen last stay. */
const MAX_USUAL = 65_536;
/** A window with more unknown patterns than this is not learnt whole. */
const MAX_PATTERNS = 400;

/** What a window's entering has changed. */
export interface PatternChange {
  /** Patterns of the window that are usual with it. */
  readonly usual: readonly number[];
  /** Those of them that half of the last twenty windows have. */
  readonly sudden: readonly number[];
  /** Patterns that are forgotten with it. */
  readonly faded: readonly number[];
}

export interface NewPatternsSnapshot {
  /** Patterns of each window that is looked back on, oldest first. */
  readonly windows: readonly (readonly number[])[];
  /** Usual patterns, the one seen last at the end, each with the number of windows since. */
  readonly usual: readonly (readonly [pattern: number, windowsAgo: number])[];
}

const NONE = -1;
/** Marks a pattern that is not usual, where the one before it would be named. */
const NOT_USUAL = -2;

/**
 * Counts in how many of the last windows patterns occur that training did not know.
 *
 * One becomes usual with a fiftieth of the windows, or at once when half of the last twenty have it. Work comes in bursts, and
 * what was usual once is no surprise when it comes back: it stays so until it has been away for ten times as many windows.
 *
 * Every window of a stream comes by here with all that is new about it. Hence each pattern has a slot, its counts are in columns
 * by slot, and windows that are looked back on keep the slots: a pattern is looked up once, and nothing is left to be collected. What
 * the most different windows need is kept, 41 bytes a pattern: 4,000 windows of 400 patterns that no other has come to 86 MB.
 */
export class NewPatterns {
  private readonly least: number;
  private readonly sudden: number;
  /** Those that a window has that is looked back on, and usual ones. */
  private readonly slots = new SlotTable();
  private columns = Columns.of(this.slots.capacity);
  /** Slots of the patterns of each window that is looked back on. */
  private readonly ring: (readonly number[])[] = [];
  /** Of the last twenty windows. */
  private readonly late: (readonly number[])[] = [];
  /** Usual patterns are a list in the order in which they were seen last. */
  private eldest = NONE;
  private newest = NONE;
  private usualPatterns = 0;
  private oldest = 0;
  private entered = 0;

  /** @param capacity windows that are looked back on, >= 1 */
  constructor(private readonly capacity: number) {
    this.least = Math.max(MIN_WINDOWS, Math.ceil(USUAL_SHARE * capacity));
    this.sudden = capacity < SUDDEN_WINDOWS ? Infinity : SUDDEN_WINDOWS / 2;
  }

  static restore({ windows, usual }: NewPatternsSnapshot, capacity: number): NewPatterns {
    const patterns = new NewPatterns(capacity);
    for (const own of windows) patterns.enter(own);
    while (patterns.eldest !== NONE) patterns.forgetEldest();
    for (const [pattern, windowsAgo] of usual) {
      const slot = patterns.slotOf(pattern);
      patterns.columns.last[slot] = patterns.entered - windowsAgo;
      patterns.putNewest(slot);
    }
    return patterns;
  }

  snapshot(): NewPatternsSnapshot {
    const { ring, oldest, slots, columns, entered } = this;
    const usual: [pattern: number, windowsAgo: number][] = [];
    for (let slot = this.eldest; slot !== NONE; slot = columns.after[slot] ?? NONE) {
      usual.push([slots.numberAt(slot), entered - (columns.last[slot] ?? 0)]);
    }
    return {
      windows: [...ring.slice(oldest), ...ring.slice(0, oldest)].map((own) =>
        own.map((slot) => slots.numberAt(slot)),
      ),
      usual,
    };
  }

  /** @param patterns of one window; one that comes twice counts once */
  enter(patterns: readonly number[]): PatternChange {
    this.entered++;
    if (this.late.length === SUDDEN_WINDOWS) this.leaveLate(this.late.shift() ?? []);
    if (this.ring.length === this.capacity) this.leaveRing(this.ring[this.oldest] ?? []);
    const own = this.slotsOf(patterns);
    this.late.push(own);
    if (this.ring.length < this.capacity) this.ring.push(own);
    else {
      this.ring[this.oldest] = own;
      this.oldest = (this.oldest + 1) % this.capacity;
    }
    const usual: number[] = [];
    const sudden: number[] = [];
    const { windows, lately, before } = this.columns;
    for (const slot of own) {
      const count = (windows[slot] = (windows[slot] ?? 0) + 1);
      const lateCount = (lately[slot] = (lately[slot] ?? 0) + 1);
      const isSudden = lateCount >= this.sudden;
      if (isSudden) sudden.push(this.slots.numberAt(slot));
      if (isSudden || count >= this.least) usual.push(this.slots.numberAt(slot));
      else if (before[slot] === NOT_USUAL) continue;
      this.putNewest(slot);
    }
    return { usual, sudden, faded: this.forget() };
  }

  private slotsOf(patterns: readonly number[]): readonly number[] {
    const own: number[] = [];
    for (const pattern of patterns) {
      if (own.length === MAX_PATTERNS) break;
      const slot = this.slotOf(pattern);
      const { last } = this.columns;
      if (last[slot] === this.entered) continue;
      last[slot] = this.entered;
      own.push(slot);
    }
    // It is kept for thousands of windows: without the room that pushing has left.
    return own.slice();
  }

  private slotOf(pattern: number): number {
    const slot = this.slots.take(pattern);
    if (slot >= this.columns.length) this.columns = this.columns.widened(this.slots.capacity);
    return slot;
  }

  private leaveLate(own: readonly number[]): void {
    for (const slot of own) {
      this.columns.lately[slot] = (this.columns.lately[slot] ?? 0) - 1;
      this.releaseIfUnused(slot);
    }
  }

  private leaveRing(own: readonly number[]): void {
    for (const slot of own) {
      this.columns.windows[slot] = (this.columns.windows[slot] ?? 0) - 1;
      this.releaseIfUnused(slot);
    }
  }

  private releaseIfUnused(slot: number): void {
    const { windows, lately, before, last } = this.columns;
    if (windows[slot] !== 0 || lately[slot] !== 0 || before[slot] !== NOT_USUAL) return;
    last[slot] = 0;
    this.slots.release(this.slots.numberAt(slot));
  }

  private forget(): readonly number[] {
    const faded: number[] = [];
    while (this.eldest !== NONE) {
      const away = this.entered - (this.columns.last[this.eldest] ?? 0);
      if (away <= FORGOTTEN_AFTER * this.capacity && this.usualPatterns <= MAX_USUAL) break;
      faded.push(this.slots.numberAt(this.eldest));
      this.forgetEldest();
    }
    return faded;
  }

  private forgetEldest(): void {
    const { eldest } = this;
    this.takeOut(eldest);
    this.releaseIfUnused(eldest);
  }

  /** Puts a pattern behind all usual ones, wherever it was. */
  private putNewest(slot: number): void {
    const { before, after } = this.columns;
    if (before[slot] !== NOT_USUAL) this.takeOut(slot);
    before[slot] = this.newest;
    after[slot] = NONE;
    if (this.newest === NONE) this.eldest = slot;
    else after[this.newest] = slot;
    this.newest = slot;
    this.usualPatterns++;
  }

  private takeOut(slot: number): void {
    const { before, after } = this.columns;
    const [earlier, later] = [before[slot] ?? NONE, after[slot] ?? NONE];
    if (earlier === NONE) this.eldest = later;
    else after[earlier] = later;
    if (later === NONE) this.newest = earlier;
    else before[later] = earlier;
    before[slot] = NOT_USUAL;
    this.usualPatterns--;
  }
}

/** What is known of each pattern, by its slot. */
class Columns {
  private constructor(
    /** Windows that are looked back on and have it. */
    readonly windows: Int32Array,
    /** Of the last twenty windows those that have it. */
    readonly lately: Uint8Array,
    /** Number of the window that had it last; 0 for none. */
    readonly last: Float64Array,
    /** Of a usual one, the usual one seen before it. */
    readonly before: Int32Array,
    readonly after: Int32Array,
  ) {}

  static of(length: number): Columns {
    return new Columns(
      new Int32Array(length),
      new Uint8Array(length),
      new Float64Array(length),
      new Int32Array(length).fill(NOT_USUAL),
      new Int32Array(length),
    );
  }

  get length(): number {
    return this.last.length;
  }

  widened(length: number): Columns {
    return new Columns(
      widened(this.windows, length),
      widened(this.lately, length),
      widened(this.last, length),
      widened(this.before, length).fill(NOT_USUAL, this.length),
      widened(this.after, length),
    );
  }
}
