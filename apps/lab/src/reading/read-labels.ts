import { UsageError } from '../reporting/options';
import { readCsv } from './read-csv';

const NORMAL = new Set(['normal', '0', 'false', '-', '']);

/**
 * Reads which sessions are anomalous from a CSV with a header: the session key is the first column, the truth is in the
 * column `label`, where `Normal`, `0`, `false` and `-` mean normal and everything else an anomaly.
 */
export function readLabels(file: string): ReadonlyMap<string, boolean> {
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
