import { UsageError } from '../reporting/options';
import { readCsv } from './read-csv';

/** What stands on the command line for some rows of a CSV file: `FILE`, or `FILE?column=value`. */
export interface CsvSource {
  readonly file: string;
  /** The rows that are meant; undefined for all of them. */
  readonly filter: { readonly column: string; readonly value: string } | undefined;
}

export function parseCsvSource(source: string): CsvSource {
  const [, file = source, column, value = ''] = /^(.+)\?([^?=]+)=(.*)$/.exec(source) ?? [];
  return { file, filter: column === undefined ? undefined : { column, value } };
}

/**
 * The rows of a source below its header.
 *
 * @throws UsageError when the file cannot be read or has no such column
 */
export function readBody(source: string): readonly (readonly string[])[] {
  const { file, filter } = parseCsvSource(source);
  const [head = [], ...body] = readCsv(file);
  if (filter === undefined) return body;
  const index = head.findIndex((name) => name.trim() === filter.column);
  if (index < 0) throw new UsageError(`${file}: no column "${filter.column}"`);
  return body.filter((row) => row[index]?.trim() === filter.value);
}
