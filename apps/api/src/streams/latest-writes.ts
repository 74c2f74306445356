interface Known<Value> {
  readonly value: Value;
}

interface Entry<Value> {
  /** Undefined: nobody wants anything there any more. */
  wanted: Known<Value> | undefined;
  /** What is known to be there; undefined: nobody knows. */
  written: Known<Value> | undefined;
  isWriting: boolean;
  /** Whether what is being written may be covered by somebody else's. */
  isForgotten: boolean;
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
    const entry = this.entries.get(key) ?? {
      wanted: undefined,
      written: undefined,
      isWriting: false,
      isForgotten: false,
    };
    this.entries.set(key, entry);
    entry.wanted = { value };
    if (!entry.isWriting) void this.write(place, key, entry);
  }

  /** Somebody else may have written meanwhile, or nobody wants anything there any more. */
  forget(place: Place): void {
    const key = JSON.stringify(place);
    const entry = this.entries.get(key);
    if (!entry?.isWriting) {
      this.entries.delete(key);
      return;
    }
    entry.wanted = undefined;
    entry.isForgotten = true;
  }

  private async write(place: Place, key: string, entry: Entry<Value>): Promise<void> {
    entry.isWriting = true;
    try {
      for (;;) {
        const { wanted, written } = entry;
        if (!wanted || (written && this.isEqual(wanted.value, written.value))) break;
        entry.isForgotten = false;
        await this.put(place, wanted.value);
        entry.written = entry.isForgotten ? undefined : wanted;
      }
    } catch (error) {
      entry.written = undefined;
      this.onFailure(place, error);
    } finally {
      entry.isWriting = false;
      if (!entry.wanted) this.entries.delete(key);
    }
  }
}
