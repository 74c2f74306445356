import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { UsageError } from '../reporting/options';

/**
 * The rows of a CSV file, the header first; unpacked when its name ends in `.gz`.
 *
 * @throws UsageError when it cannot be read
 */
export function readCsv(file: string): readonly (readonly string[])[] {
  try {
    const bytes = readFileSync(file);
    const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    return parse(text, { skip_empty_lines: true, bom: true, relax_column_count: true });
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The rows of a CSV file by the names of its columns. */
export function readRecords(file: string): readonly Readonly<Record<string, string>>[] {
  const [head = [], ...rows] = readCsv(file);
  return rows.map((row) => Object.fromEntries(head.map((name, index) => [name, row[index] ?? ''])));
}
