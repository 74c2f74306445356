/** Longer than the orders to a detector are apart when nothing holds them up. */
const LONGEST_STEP_MS = 1_000;
/**
 * Looks after which nothing waits, whatever was said: the end of a topic may be a mark of a transaction, which is no
 * record and is never read.
 */
const LOOKS_WITHOUT_MORE = 10;

/**
 * The time in which lines of a partition would have been heard.
 *
 * A window is complete when nothing was added to it for long. A detector that is behind, waits for its database or was not
 * there at all has heard nothing either, and its windows are not complete for that: this clock stands still meanwhile.
 */
export class ListeningClock {
  private lookedAtMs: number;
  private isCaughtUp = false;
  private looksSinceRead = 0;
  private heard: number;

  constructor(nowMs: number) {
    this.lookedAtMs = nowMs;
    this.heard = nowMs;
  }

  /** Milliseconds since some moment. */
  get heardMs(): number {
    return this.heard;
  }

  /** Goes on to the present, as far as everything had been read at the last look. */
  look(nowMs: number): void {
    const stepMs = Math.min(Math.max(0, nowMs - this.lookedAtMs), LONGEST_STEP_MS);
    if (this.isCaughtUp || this.looksSinceRead >= LOOKS_WITHOUT_MORE) this.heard += stepMs;
    this.looksSinceRead++;
    this.lookedAtMs = nowMs;
  }

  /** @param isCaughtUp whether nothing more waited to be read */
  noteRead(isCaughtUp: boolean): void {
    this.isCaughtUp = isCaughtUp;
    this.looksSinceRead = 0;
  }
}
