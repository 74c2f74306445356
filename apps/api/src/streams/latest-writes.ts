interface Entry<Value> {
  wanted: Value;
  /** What is known to be there; undefined: nobody knows. */
  written: { readonly value: Value } | undefined;
  isWriting: boolean;
}

/**
 * Keeps the latest value of each place somewhere slow: one write a place is under way, and what came meanwhile is the next. What
 * could not be written is tried again with the next value.
 */
export class LatestWrites<Place, Value> {
  private readonly entries = new Map<string, Entry<Value>>();

  constructor(
    private readonly put: (place: Place, value: Value) => Promise<void>,
    private readonly isEqual: (one: Value, other: Value) => boolean,
    private readonly onFailure: (place: Place, error: unknown) => void,
  ) {}

  /** Returns at once. */
  want(place: Place, value: Value): void {
    const key = JSON.stringify(place);
    const entry = this.entries.get(key) ?? { wanted: value, written: undefined, isWriting: false };
    this.entries.set(key, entry);
    entry.wanted = value;
    if (!entry.isWriting) void this.write(place, entry);
  }

  /** Somebody else may have written meanwhile, or nobody wants anything there any more. */
  forget(place: Place): void {
    const entry = this.entries.get(JSON.stringify(place));
    if (entry) entry.written = undefined;
    if (!entry?.isWriting) this.entries.delete(JSON.stringify(place));
  }

  private async write(place: Place, entry: Entry<Value>): Promise<void> {
    entry.isWriting = true;
    try {
      while (!entry.written || !this.isEqual(entry.wanted, entry.written.value)) {
        const { wanted } = entry;
        await this.put(place, wanted);
        entry.written = { value: wanted };
      }
    } catch (error) {
      entry.written = undefined;
      this.onFailure(place, error);
    } finally {
      entry.isWriting = false;
    }
  }
}
