/** What detectors found or may be finding in one epoch of a partition, as far as it is not written yet. */
export class UnwrittenFindings {
  private readonly open = new Set<Settling>();
  private failure: { readonly error: unknown } | undefined;

  /** Whether everything of the epoch was written, or may still be. */
  get isSound(): boolean {
    return this.failure === undefined;
  }

  /** Says that something will have to be written. */
  expect(): Settling {
    const expected = new Settling();
    this.open.add(expected);
    void expected.done.catch(() => undefined).finally(() => this.open.delete(expected));
    if (this.failure) expected.reject(this.failure.error);
    return expected;
  }

  /** Nothing of what follows will be written either. */
  fail(error: unknown): void {
    this.failure ??= { error };
    for (const expected of this.open) expected.reject(error);
  }

  /**
   * Resolves when all that is expected by now is written.
   *
   * @throws what it failed with
   */
  async written(): Promise<void> {
    if (this.failure) throw this.failure.error;
    await Promise.all([...this.open].map(({ done }) => done));
  }
}

/** A promise that others keep. */
class Settling {
  readonly done: Promise<void>;
  resolve: () => void = () => undefined;
  reject: (error: unknown) => void = () => undefined;

  constructor() {
    this.done = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}
