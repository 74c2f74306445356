/** What the assembler needs to know of a line. */
export interface WindowEntry {
  readonly sessionKey: string | undefined;
  readonly service: string;
  /** Epoch milliseconds of the event. */
  readonly timestampMs: number;
  /** Position in its source; never falls from one entry to the next. */
  readonly offset: number;
}

/**
 * What kind of window it is: windows are only comparable with their own kind. The first piece of a session begins as
 * sessions do; a piece after a silence or a cut does not; the lines of a service are no session at all.
 */
export type WindowKind = 'session' | 'continuation' | 'sliding';

export interface Window<Entry> {
  /** The session's key, or `service:<name>` for a sliding window. */
  readonly key: string;
  readonly kind: WindowKind;
  /** The service whose lines these are; sessions have none, for which of several services writes first is chance. */
  readonly service: string | undefined;
  /** In order of arrival, or of their times where the assembler was told so; at least one. */
  readonly entries: readonly Entry[];
  readonly closedBy: 'idle' | 'length' | 'stride' | 'eviction' | 'flush';
  readonly firstOffset: number;
  /** Epoch milliseconds of event time when it was completed. */
  readonly closedAtMs: number;
  /** Index of the first entry that no earlier window had; sliding windows overlap. */
  readonly freshFrom: number;
}

/** A session that still takes lines, as it is now: `entries` goes on growing, so that who looks later has to know how many there were. */
export interface GrowingSession<Entry> {
  /** The session's key. */
  readonly name: string;
  readonly kind: WindowKind;
  readonly entries: readonly Entry[];
}
