/** How old the oldest line is that no detector has taken in, of each partition. */
export class LineAges {
  /** Of the batches at work, in their order: when the first line was received, by the offset after the last. */
  private readonly atWork = new Map<string, Map<number, number>>();
  /** Where a partition stood when lines were first seen to wait there, and when that was. */
  private readonly waiting = new Map<
    string,
    { readonly position: number; readonly sinceMs: number }
  >();

  /** @param receivedAtMs of the first line, epoch milliseconds */
  begin(place: string, nextOffset: number, receivedAtMs: number): void {
    const batches = this.atWork.get(place) ?? new Map<number, number>();
    batches.set(nextOffset, receivedAtMs);
    this.atWork.set(place, batches);
  }

  /** What lies below the offset was taken in. */
  end(place: string, nextOffset: number): void {
    const batches = this.atWork.get(place);
    for (const offset of batches?.keys() ?? []) if (offset <= nextOffset) batches?.delete(offset);
  }

  /** Says nothing more of what was at work in a partition that was taken away. */
  forget(place: string): void {
    this.atWork.delete(place);
  }

  /**
   * Milliseconds since the oldest line was received that was not taken in; of a partition that nobody here is at work on, since it
   * was first seen that lines wait and nothing moves, which is less. 0 when nothing waits.
   *
   * @param lag lines behind the position
   */
  oldestMs(
    place: string,
    { position, lag }: { readonly position: number; readonly lag: number },
    nowMs: number,
  ): number {
    if (lag === 0) {
      this.waiting.delete(place);
      return 0;
    }
    const [receivedAtMs] = this.atWork.get(place)?.values() ?? [];
    if (receivedAtMs !== undefined) return Math.max(0, nowMs - receivedAtMs);
    const before = this.waiting.get(place);
    if (before?.position === position) return nowMs - before.sinceMs;
    this.waiting.set(place, { position, sinceMs: nowMs });
    return 0;
  }
}
