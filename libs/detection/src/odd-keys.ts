const NONE: readonly number[] = [];

/**
 * What may be odd about a window: keys that few others have, and keys that few others lack, numbered together from 0.
 */
export class OddKeys {
  /** How many windows share each oddity. */
  readonly agreeing: readonly number[];
  /** By key: the number of its presence as an oddity; -1 where that is none. */
  private readonly presence: Int32Array;
  /** Keys whose absence is odd; they are numbered from `firstMissing` on. */
  private readonly missing: readonly number[];
  private readonly firstMissing: number;
  private readonly stamps: Int32Array;
  private stamp = 0;

  /**
   * @param having windows with each key
   * @param total of all windows
   * @param isFew whether so many windows are so few that what they share is odd
   */
  constructor(having: Float64Array, total: number, isFew: (windows: number) => boolean) {
    const keys = [...having.keys()];
    const windowsOf = (key: number): number => having[key] ?? 0;
    const present = keys.filter((key) => isFew(windowsOf(key)));
    this.missing = keys.filter((key) => isFew(total - windowsOf(key)));
    this.firstMissing = present.length;
    this.agreeing = [
      ...present.map(windowsOf),
      ...this.missing.map((key) => total - windowsOf(key)),
    ];
    this.presence = new Int32Array(having.length).fill(-1);
    for (const [number, key] of present.entries()) this.presence[key] = number;
    this.stamps = new Int32Array(having.length);
  }

  /**
   * @param tokens keys of a window in any order, one or several times each
   * @returns numbers of what is odd about it, each once
   */
  of(tokens: ArrayLike<number>): readonly number[] {
    this.stamp = (this.stamp + 1) | 0;
    let odd: number[] | undefined;
    for (let at = 0; at < tokens.length; at++) {
      const key = tokens[at] ?? 0;
      if (this.stamps[key] === this.stamp) continue;
      this.stamps[key] = this.stamp;
      const number = this.presence[key] ?? -1;
      if (number >= 0) (odd ??= []).push(number);
    }
    for (const [place, key] of this.missing.entries()) {
      if (this.stamps[key] !== this.stamp) (odd ??= []).push(this.firstMissing + place);
    }
    return odd ?? NONE;
  }
}
