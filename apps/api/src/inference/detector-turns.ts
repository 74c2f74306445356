import { setImmediate as untilHeard } from 'node:timers/promises';
import type { Turn } from '@logbert/pipeline';

/** A batch of thousands of lines takes a detector a tenth of a second, which a line of another partition need not wait. */
const TURN_MS = 10;

/**
 * Has the work of several partitions done in one thread, a piece at a time: what is of one partition in the order in which it came, and
 * none for so long that the others wait for it.
 */
export class DetectorTurns implements Turn {
  /** The last piece of each partition that has work. */
  private readonly lines = new Map<string, Promise<void>>();
  private readonly waiting: (() => void)[] = [];
  private isTaken = false;
  private sinceMs = 0;

  /**
   * @param onPass called when a piece lets others in: it has not come to its end, and is not stuck
   * @param clockMs milliseconds from any beginning
   */
  constructor(
    private readonly onPass: () => void = () => undefined,
    private readonly clockMs: () => number = () => performance.now(),
  ) {}

  /**
   * Does something when all that came before it of the same name is done, and it is its turn.
   *
   * @param work what it fails with must have been told whoever waits for it
   */
  async run(name: string, work: () => Promise<void>): Promise<void> {
    const before = this.lines.get(name);
    const piece = this.inTurn(before, work);
    this.lines.set(name, piece);
    await piece;
    if (this.lines.get(name) === piece) this.lines.delete(name);
  }

  get isLong(): boolean {
    return this.clockMs() - this.sinceMs >= TURN_MS;
  }

  async isWanted(): Promise<boolean> {
    // What came while this thread was at work has not been heard of.
    await untilHeard();
    if (this.waiting.length > 0) return true;
    this.sinceMs = this.clockMs();
    return false;
  }

  async pass(): Promise<number> {
    const leftAtMs = this.clockMs();
    this.onPass();
    this.leave();
    await this.enter();
    return Math.round(this.clockMs() - leftAtMs);
  }

  private async inTurn(
    before: Promise<void> | undefined,
    work: () => Promise<void>,
  ): Promise<void> {
    await before;
    await this.enter();
    try {
      await work();
    } catch {
      // The next one is not to blame.
    } finally {
      this.leave();
    }
  }

  private async enter(): Promise<void> {
    if (this.isTaken) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.isTaken = true;
    this.sinceMs = this.clockMs();
  }

  /** The turn is the next one's at once, so that nobody who comes meanwhile goes before. */
  private leave(): void {
    const next = this.waiting.shift();
    if (next) next();
    else this.isTaken = false;
  }
}
