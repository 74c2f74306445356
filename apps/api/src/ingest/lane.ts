/** A queue of limited length before a few places. */
export class Lane {
  private atWork = 0;
  private readonly waiting: ((isIn: boolean) => void)[] = [];

  constructor(
    private readonly places: number,
    private readonly mostWaiting: number,
  ) {}

  get isEmpty(): boolean {
    return this.atWork === 0;
  }

  /** Whether there is a place by then; whoever has one gives it back with `leave`. */
  async enter(waitMs: number): Promise<boolean> {
    if (this.atWork < this.places) {
      this.atWork++;
      return true;
    }
    if (this.waiting.length >= this.mostWaiting) return false;
    return new Promise((resolve) => {
      const turn = (isIn: boolean): void => {
        clearTimeout(timer);
        resolve(isIn);
      };
      const timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(turn), 1);
        resolve(false);
      }, waitMs);
      this.waiting.push(turn);
    });
  }

  /** The place goes to who has waited longest. */
  leave(): void {
    const next = this.waiting.shift();
    if (next) next(true);
    else this.atWork--;
  }
}
