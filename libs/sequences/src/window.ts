/** What the assembler needs to know of a line. */
export interface WindowEntry {
  readonly sessionKey: string | undefined;
  readonly service: string;
  /** Epoch milliseconds of the event. */
  readonly timestampMs: number;
  /** Position in its source; never falls from one entry to the next. */
  readonly offset: number;
}

export interface Window<Entry> {
  /** The session's key, or `service:<name>` for a sliding window. */
  readonly key: string;
  /** In order of arrival, at least one. */
  readonly entries: readonly Entry[];
  readonly closedBy: 'idle' | 'length' | 'stride' | 'eviction' | 'flush';
  readonly firstOffset: number;
  /** Index of the first entry that no earlier window had; sliding windows overlap. */
  readonly freshFrom: number;
}
