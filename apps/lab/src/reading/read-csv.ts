import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip, gunzipSync } from 'node:zlib';
import { parse as parseStream } from 'csv-parse';
import { parse } from 'csv-parse/sync';
import { UsageError } from '../reporting/options';

const DIALECT = { skip_empty_lines: true, bom: true, relax_column_count: true } as const;

/**
 * The rows of a CSV file, the header first; unpacked when its name ends in `.gz`.
 *
 * @throws UsageError when it cannot be read
 */
export function readCsv(file: string): readonly (readonly string[])[] {
  try {
    const bytes = readFileSync(file);
    const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
    return parse(text, DIALECT);
  } catch (error) {
    throw unreadable(file, error);
  }
}

/**
 * The same row by row, for files of any size; line ends may be mixed and quotes stand inside an unquoted field.
 *
 * @throws UsageError when it cannot be read
 */
export async function* streamCsv(file: string): AsyncGenerator<readonly string[]> {
  if (!existsSync(file)) throw new UsageError(`${file}: no such file`);
  const rows = parseStream({ ...DIALECT, record_delimiter: ['\r\n', '\n'], relax_quotes: true });
  const bytes = createReadStream(file);
  // A failure of any part reaches the rows, and with them the loop below.
  const ended = (): void => undefined;
  if (file.endsWith('.gz')) pipeline(bytes, createGunzip(), rows, ended);
  else pipeline(bytes, rows, ended);
  try {
    for await (const row of rows) yield row as readonly string[];
  } catch (error) {
    throw unreadable(file, error);
  }
}

/**
 * The rows of a CSV file by the names of its columns, in any order.
 *
 * @param needed columns without which the file is refused
 * @throws UsageError when it cannot be read or lacks a column
 */
export async function* streamRecords(
  file: string,
  needed: readonly string[],
): AsyncGenerator<Readonly<Record<string, string>>> {
  let names: readonly string[] | undefined;
  for await (const row of streamCsv(file)) {
    if (names) {
      yield Object.fromEntries(names.map((name, index) => [name, row[index] ?? '']));
      continue;
    }
    names = row.map((name) => name.trim());
    const missing = needed.filter((name) => !row.some((column) => column.trim() === name));
    if (missing.length > 0) {
      throw new UsageError(`${file}: there is no column "${missing.join('", "')}"`);
    }
  }
}

function unreadable(file: string, error: unknown): UsageError {
  return new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
}
