import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { UsageError } from '../reporting/options';

const NORMAL = new Set(['normal', '0', 'false', '-', '']);

/**
 * Reads which sessions are anomalous from a CSV with a header: the session key is the first column, the truth is in the
 * column `label`, where `Normal`, `0`, `false` and `-` mean normal and everything else an anomaly.
 */
export function readLabels(file: string): ReadonlyMap<string, boolean> {
  const bytes = readFileSync(file);
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  const [head, ...rows] = parse(text, { skip_empty_lines: true, trim: true }) as string[][];
  const column = head?.findIndex((name) => name.toLowerCase() === 'label') ?? -1;
  if (column < 1) throw new UsageError(`${file}: there is no column "label" after the first one`);
  return new Map(rows.map((row) => [row[0] ?? '', !NORMAL.has((row[column] ?? '').toLowerCase())]));
}
