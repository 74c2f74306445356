import { UsageError } from '../reporting/options';
import { readBody } from './csv-source';

/** One session as its log keys. */
export interface KeySequence {
  readonly id: string;
  readonly keys: readonly string[];
}

/**
 * Reads sessions from a CSV with a header: the first column is an id, the last one holds the keys with spaces between.
 *
 * @param source a file, `.gz` or not; `FILE?column=value` takes only the rows of that value
 * @throws UsageError when the file, the column or every row is missing
 */
export function readSequences(source: string): readonly KeySequence[] {
  const sequences = readBody(source)
    .map((row) => ({ id: row[0] ?? '', keys: (row.at(-1) ?? '').split(/\s+/).filter(Boolean) }))
    .filter(({ keys }) => keys.length > 0);
  if (sequences.length === 0) throw new UsageError(`${source}: there is no session in it`);
  return sequences;
}
