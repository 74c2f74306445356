import { UsageError } from '../reporting/options';
import { parseCsvSource, readBody } from './csv-source';
import { readCsv } from './read-csv';

const NORMAL = new Set(['normal', '0', 'false', '-', '']);

/** Truth by session key: whether it is anomalous. */
export type Labels = ReadonlyMap<string, boolean>;

/**
 * Reads which sessions are anomalous from a CSV with a header: the session key is the first column, the truth is in the
 * column `label`, where `Normal`, `0`, `false` and `-` mean normal and everything else an anomaly.
 */
export function readLabels(file: string): Labels {
  const [head, ...rows] = readCsv(file);
  const column = head?.findIndex((name) => name.trim().toLowerCase() === 'label') ?? -1;
  if (column < 1) throw new UsageError(`${file}: there is no column "label" after the first one`);
  return new Map(
    rows.map((row) => [
      row[0]?.trim() ?? '',
      !NORMAL.has((row[column] ?? '').trim().toLowerCase()),
    ]),
  );
}

/**
 * Reads which sessions are anomalous from lists of session keys: CSV, the key first, whatever follows it.
 *
 * @param normal files, with a header or without; `FILE?column=value` takes the rows of that value, and has a header
 * @param anomalous the same
 * @throws UsageError for a session key in lists of both kinds, and what `readCsv` throws
 */
export function readLabelLists(normal: readonly string[], anomalous: readonly string[]): Labels {
  const labels = new Map<string, boolean>();
  for (const key of normal.flatMap(keysOf)) labels.set(key, false);
  for (const key of anomalous.flatMap(keysOf)) {
    if (labels.get(key) === false) {
      throw new UsageError(`session ${key} is among the normal and among the anomalous ones`);
    }
    labels.set(key, true);
  }
  return labels;
}

/** A header is no session key of the log, and is taken for one without harm. */
function keysOf(source: string): readonly string[] {
  const { file, filter } = parseCsvSource(source);
  const rows = filter === undefined ? readCsv(file) : readBody(source);
  return rows.map(([key = '']) => key.trim()).filter(Boolean);
}
