/**
 * The work on one partition, in two stages: what was found in one batch is written while the next one is looked into. Each stage
 * does one piece after the other and both in the same order, so that positions only move forward.
 */
export class PartitionWork {
  private looking: Promise<unknown> = Promise.resolve();
  private writing: Promise<void> = Promise.resolve();

  /** Resolves when all that was begun has come to an end, whatever that is. */
  async settle(): Promise<void> {
    await Promise.allSettled([this.looking]);
    await Promise.allSettled([this.writing]);
  }

  /**
   * Resolves when the piece before is written and this one has been looked into: no more than what was found in two is held.
   *
   * @param write not called once a piece before could not be written, which rejects this one, too
   */
  async run<Found>(
    look: () => Promise<Found>,
    write: (found: Found) => Promise<void>,
  ): Promise<void> {
    const turn = this.looking
      .catch(() => undefined)
      .then(async () => {
        const found = await look();
        const before = this.writing;
        this.writing = before.then(() => write(found));
        // Whoever comes next is told.
        this.writing.catch(() => undefined);
        // Wrapped, so that the stage is free again before.
        return { before };
      });
    this.looking = turn;
    await (
      await turn
    ).before;
  }

  /** What could not be written is left behind: for a piece that is looked into, before it is. */
  async beginAnew(): Promise<void> {
    await Promise.allSettled([this.writing]);
    this.writing = Promise.resolve();
  }
}
