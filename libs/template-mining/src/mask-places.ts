const INITIAL_ROOM = 256;
const KEPT_ROOM = 65_536;
/** Candidates of a place from which every rule has to look. */
export const ALL_RULES = -1;
export const NO_RULE = -1;

/** The places of a line where a mask may begin, in order, and what was found there; used again for the next line. */
export class MaskPlaces {
  count = 0;
  starts = new Int32Array(INITIAL_ROOM);
  /** How far runs from this place and those before it have looked. */
  reaches = new Int32Array(INITIAL_ROOM);
  /** Rules that may find something, as bits. */
  candidates = new Int32Array(INITIAL_ROOM);
  /** The rule that found something, or `NO_RULE`, and where that ends. */
  finders = new Int32Array(INITIAL_ROOM);
  ends = new Int32Array(INITIAL_ROOM);
  private readonly gained: number[] = [];

  /** Makes room when there is too little; returns `starts`, which may be a new one. */
  grow(least: number): Int32Array {
    let room = this.starts.length;
    while (room < least) room *= 2;
    if (room > this.starts.length) this.resize(room);
    return this.starts;
  }

  /** Gives back the room for an uncommonly long line. */
  shrink(): void {
    if (this.starts.length > KEPT_ROOM) this.resize(INITIAL_ROOM);
  }

  /**
   * Lets all rules look again from the places whose runs had seen what is masked now.
   *
   * @param index the place of the find
   * @param start where it begins
   * @returns whether there are such places
   */
  touch(index: number, start: number): boolean {
    let before = index - 1;
    while (before >= 0 && (this.reaches[before] as number) > start) {
      this.candidates[before--] = ALL_RULES;
    }
    return before < index - 1;
  }

  /** Notes, in order, that rules may begin at a place behind a find, whether or not they could before. */
  gain(start: number): void {
    this.gained.push(start);
  }

  /** Adds the places that were gained; false when there is none. */
  addGained(): boolean {
    const { gained } = this;
    if (gained.length === 0) return false;
    let from = this.count - 1;
    this.count += gained.length;
    this.grow(this.count);
    const { starts, reaches, candidates, finders, ends } = this;
    for (let to = this.count - 1; gained.length > 0; to--) {
      const start = gained.at(-1) as number;
      if (from >= 0 && (starts[from] as number) > start) {
        starts[to] = starts[from] as number;
        reaches[to] = reaches[from] as number;
        candidates[to] = candidates[from] as number;
        finders[to] = finders[from] as number;
        ends[to] = ends[from--] as number;
      } else {
        // A place that was there comes twice then; the second is within the find of the first.
        gained.pop();
        starts[to] = start;
        reaches[to] = from >= 0 ? (reaches[from] as number) : 0;
        candidates[to] = ALL_RULES;
        finders[to] = NO_RULE;
      }
    }
    return true;
  }

  private resize(room: number): void {
    const moved = (old: Int32Array) => {
      const other = new Int32Array(room);
      other.set(old.subarray(0, room));
      return other;
    };
    this.starts = moved(this.starts);
    this.reaches = moved(this.reaches);
    this.candidates = moved(this.candidates);
    this.finders = moved(this.finders);
    this.ends = moved(this.ends);
  }
}
