import { basename } from 'node:path';
import { parseCsvSource } from './csv-source';
import { type KeySequence, readSequences } from './read-sequences';

/** An anomalous session, and the kind of anomaly that it is. */
export interface AnomalousSequence extends KeySequence {
  readonly kind: string;
}

/**
 * Reads anomalous sessions of one kind or several.
 *
 * @param sources each like that of `readSequences`, with `NAME=` before it or not. Without one the kind has the name of the
 *   value that selects its rows, or else of its file. Sources of one name make one kind.
 * @returns sessions whose ids are told apart by their kind, since two files may use the same
 * @throws UsageError what `readSequences` throws
 */
export function readAnomalous(sources: readonly string[]): readonly AnomalousSequence[] {
  return sources.flatMap((source) => {
    const { kind, rows } = kindOf(source);
    return readSequences(rows).map(({ id, keys }) => ({ id: `${kind}/${id}`, keys, kind }));
  });
}

function kindOf(source: string): { readonly kind: string; readonly rows: string } {
  // A name comes before any folder and any `?`, which both are part of the file's own name.
  const [, name, rest] = /^([^?/\\=]+)=(.+)$/.exec(source) ?? [];
  if (name !== undefined && rest !== undefined) return { kind: name, rows: rest };
  const { file, filter } = parseCsvSource(source);
  const [fileName = file] = basename(file).split('.');
  return { kind: filter?.value || fileName, rows: source };
}
