interface PoisonRecord {
  readonly source: string;
  readonly partition: number;
  readonly offset: number;
  readonly stream: string;
  readonly reason: string;
}

/** What an operator should know; the program decides whether and how to log it. */
export type StreamNotice =
  | {
      readonly kind: 'retrying';
      readonly source: string;
      readonly partition: number;
      readonly attempt: number;
      readonly inMs: number;
      readonly error: unknown;
    }
  /** The error is for the program's own log; the reason is kept with the record. */
  | ({ readonly kind: 'parked'; readonly error: unknown } & PoisonRecord)
  /** Not even the dead letters take the record; it is only where it came from. */
  | ({ readonly kind: 'not-parked'; readonly error: unknown } & PoisonRecord)
  /** Bytes after the last whole frame, left by a crash before they were acknowledged, were cut off. */
  | { readonly kind: 'torn-tail'; readonly file: string; readonly bytes: number }
  /** Bytes of the spool that do not match their checksum; they are left as they are and skipped. */
  | {
      readonly kind: 'corrupt-segment';
      readonly file: string;
      readonly position: number;
      readonly bytes: number;
    }
  /** A followed file cannot be read yet; it is looked for again. */
  | { readonly kind: 'file-unreadable'; readonly path: string; readonly error: unknown }
  | { readonly kind: 'file-readable'; readonly path: string }
  /**
   * Lines of a followed file were removed before they were read: so many bytes as are known, and whatever was written behind
   * them. Lines are counted where they were delivered once and should have been again.
   */
  | {
      readonly kind: 'lines-gone';
      readonly path: string;
      readonly file: string;
      readonly bytes: number;
      readonly lines: number | undefined;
    }
  /** Another process follows the files; this one will when that is gone. */
  | { readonly kind: 'files-followed-elsewhere'; readonly error: unknown }
  | { readonly kind: 'too-many-files'; readonly limit: number; readonly path: string }
  | { readonly kind: 'waiting-for-broker'; readonly brokers: string; readonly error: unknown }
  | { readonly kind: 'consumer-restarted'; readonly error: unknown }
  /** Kafka does not have these topics (any more); they are read as soon as it does. */
  | { readonly kind: 'topics-missing'; readonly topics: readonly string[] }
  | { readonly kind: 'topics-found'; readonly topics: readonly string[] }
  /** The brokers answer, but the consumer got nothing from them however often it was started again: a new process may. */
  | { readonly kind: 'consumer-stuck'; readonly restarts: number; readonly error: unknown }
  | { readonly kind: 'commit-failed'; readonly error: unknown }
  | {
      readonly kind: 'client';
      readonly level: 'error' | 'warn' | 'info' | 'debug';
      readonly message: string;
    };

export type Report = (notice: StreamNotice) => void;
