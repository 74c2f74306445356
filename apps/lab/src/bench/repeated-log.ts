import type { StreamSettings } from '@logbert/contracts';
import { buildDecoder } from '@logbert/log-records';

const MINUTE_MS = 60_000;

/** A line as a producer sends it. */
export interface KeyedLine {
  /** The session key, if the line has one. */
  readonly key: string | null;
  /** JSON with time, service, level and message. */
  readonly value: string;
}

interface Told {
  readonly timestampMs: number;
  readonly service: string;
  readonly level: string;
  readonly message: string;
}

/**
 * The lines of a log over and over, as JSON. Every round goes on where the one before ended, in the log's time, and has sessions
 * of its own, so that windows close in the tenth as in the first.
 */
export class RepeatedLog {
  private readonly told: readonly Told[];
  private readonly keys: RegExp | undefined;
  private readonly roundMs: number;

  /**
   * @param texts raw lines, at least one
   * @param settings how they are read; the pattern of the session key finds the keys that vary
   * @throws what a decoder throws of a line that it cannot read
   */
  constructor(texts: readonly string[], { format, sessionKey }: StreamSettings) {
    const decode = buildDecoder(format, sessionKey);
    const encoder = new TextEncoder();
    this.told = texts.map((text, line) => {
      const record = decode(encoder.encode(text), line);
      const { timestampMs, service, level, message } = record;
      return { timestampMs, service, level, message };
    });
    const pattern = sessionKey?.pattern;
    this.keys = pattern === undefined ? undefined : new RegExp(pattern, 'g');
    const times = this.told.map(({ timestampMs }) => timestampMs);
    const span = times.reduce((a, b) => Math.max(a, b)) - times.reduce((a, b) => Math.min(a, b));
    this.roundMs = span + MINUTE_MS;
  }

  get size(): number {
    return this.told.length;
  }

  /** @param timeOf event time of a line by its number, epoch milliseconds; left out, that of the log */
  *lines(count: number, timeOf?: (line: number) => number): Generator<KeyedLine, void, undefined> {
    for (let line = 0; line < count; line++) {
      const told = this.told[line % this.told.length];
      if (!told) return;
      const round = Math.floor(line / this.told.length);
      yield this.lineOf(told, round, timeOf?.(line) ?? told.timestampMs + round * this.roundMs);
    }
  }

  private lineOf({ message, service, level }: Told, round: number, timeMs: number): KeyedLine {
    // Digits, which any pattern of an id is likely to take.
    const suffix = round === 0 ? '' : String(round).padStart(4, '0');
    let key: string | null = null;
    const own = this.keys
      ? message.replace(this.keys, (found) => {
          key ??= found + suffix;
          return found + suffix;
        })
      : message;
    const timestamp = new Date(timeMs).toISOString();
    return { key, value: JSON.stringify({ timestamp, service, level, message: own }) };
  }
}
