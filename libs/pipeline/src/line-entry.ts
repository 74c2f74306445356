import type { LogRecord } from '@logbert/log-records';
import type { WindowEntry } from '@logbert/sequences';

/** A line on its way through a window, with the log key it was given: one object, since some wait for hours. */
export interface LineEntry extends WindowEntry, LogRecord {
  /** Epoch milliseconds at which the line reached the program. */
  readonly receivedAtMs: number;
  readonly templateId: string;
  readonly token: number;
  readonly isNovel: boolean;
  /** Group of a novel line in the live miner; undefined of known lines, and in states that older versions kept. */
  readonly cluster?: number | undefined;
  /** The model whose keys these are; undefined before the first. */
  readonly modelId: string | undefined;
}

/** The log keys of a window, without `[DIST]`. */
export function tokensOf(entries: readonly LineEntry[]): Int32Array {
  const tokens = new Int32Array(entries.length);
  for (const [index, entry] of entries.entries()) tokens[index] = entry.token;
  return tokens;
}
