import type { LogLevel } from '@logbert/contracts';

/** One log line, understood. */
export interface LogRecord {
  /** Epoch milliseconds of the event, of its receipt where the line tells no time. */
  readonly timestampMs: number;
  /** `unknown` where the line does not name one. */
  readonly service: string;
  readonly level: LogLevel;
  /** What templates are mined from: the line without its header, secrets redacted. */
  readonly message: string;
  readonly sessionKey: string | undefined;
  /** The whole line for people, secrets redacted. */
  readonly raw: string;
}

/** What a format reads from a line; what it leaves out has a default. */
export interface LineParts {
  readonly timestampMs: number | undefined;
  readonly service: string | undefined;
  readonly level: LogLevel;
  readonly message: string;
  /**
   * What else the line says, by name, secrets included: everything, or, of lines with a pattern, what was asked for when their reader
   * was built. The object has no prototype.
   */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Reads a line; the time of receipt completes times without a year. Undefined when it has another format. */
export type ReadLine = (line: string, receivedAtMs: number) => LineParts | undefined;

export type Attributes = Record<string, string>;

/** An object without a prototype, so that `__proto__` is a name like any other. */
export function newAttributes(): Attributes {
  return Object.create(null) as Attributes;
}

/** Shared by lines that say nothing else. */
export const NO_ATTRIBUTES: Readonly<Attributes> = Object.freeze(newAttributes());
