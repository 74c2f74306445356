/** Hands arrays from one side to the other; the giving side waits until the last one was taken. */
export class ArrayChannel<Item> {
  private items: readonly Item[] | undefined;
  private isClosed = false;
  private failure: { readonly error: unknown } | undefined;
  private wake: (() => void)[] = [];

  /** Resolves when there is room for the next one, or nobody takes any more. */
  async give(items: readonly Item[]): Promise<void> {
    while (this.items !== undefined && !this.isOver) await this.changed();
    if (this.isOver) return;
    this.items = items;
    this.notify();
  }

  /** The next array; `undefined` at the end. */
  async take(): Promise<readonly Item[] | undefined> {
    while (this.items === undefined && !this.isOver) await this.changed();
    if (this.failure !== undefined) throw this.failure.error;
    const { items } = this;
    this.items = undefined;
    this.notify();
    return items;
  }

  /** No more will be given; what was given can still be taken. */
  close(): void {
    this.isClosed = true;
    this.notify();
  }

  fail(error: unknown): void {
    this.failure ??= { error };
    this.notify();
  }

  private get isOver(): boolean {
    return this.isClosed || this.failure !== undefined;
  }

  private changed(): Promise<void> {
    return new Promise((resolve) => this.wake.push(resolve));
  }

  private notify(): void {
    const waiting = this.wake;
    this.wake = [];
    for (const resolve of waiting) resolve();
  }
}
