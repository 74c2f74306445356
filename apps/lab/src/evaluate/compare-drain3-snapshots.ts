import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SnapshotFailure, TemplateMiner } from '@logbert/template-mining';
import { streamRecords } from '../reading/read-csv';
import { compareMatches } from './compare-drain3-answers';
import type { Drain3Comparison } from './drain3-comparison';
import { DRAIN3_DEFAULTS, EXAMPLE_MASKS } from './drain3-configurations';

const PLAIN = '.json';
const PACKED = '.b64zlib';
/** What a snapshot's name says of a limit of clusters. */
const LIMIT = /^(.+?)(?:_lru(\d+))?$/;

/** One stored snapshot of drain3 and drain3's answers on the lines that it learned. */
export interface StoredSnapshot {
  /** Path without the ending of its kind. */
  readonly path: string;
  readonly system: string;
  /** Whether the miner had a limit of clusters, so that the answers of one without do not hold for it. */
  readonly isLimited: boolean;
}

/** @param names what is in the folder; a snapshot counts once, whatever kinds there are of it */
export function storedSnapshots(
  folder: string,
  names: readonly string[],
): readonly StoredSnapshot[] {
  const stems = names
    .filter((name) => name.endsWith(PLAIN) || name.endsWith(PACKED))
    .map((name) => name.slice(0, name.lastIndexOf('.')));
  return [...new Set(stems)].map((stem) => {
    const [, system = stem, limit] = LIMIT.exec(stem) ?? [];
    return { path: join(folder, stem), system, isLimited: limit !== undefined };
  });
}

/**
 * Imports both kinds of a snapshot and compares: its clusters with those the plain file names, its matches with drain3's
 * answers, and what it learns next with what the other kind (and, without a limit, a miner that saw the lines) learns.
 *
 * @param answers drain3's answers on the lines that the snapshot has learned
 */
export async function compareDrain3Snapshot(
  { path, system, isLimited }: StoredSnapshot,
  answers: string,
  comparison: Drain3Comparison,
): Promise<void> {
  const rows: Readonly<Record<string, string>>[] = [];
  for await (const row of streamRecords(answers, ['Content'])) rows.push(row);
  const reference = new TemplateMiner({ ...DRAIN3_DEFAULTS, masks: EXAMPLE_MASKS });
  for (const row of rows) reference.learn(row['Content'] ?? '');
  const kinds = [PLAIN, PACKED].filter((kind) => existsSync(path + kind));
  const expected = kinds.includes(PLAIN)
    ? storedClusters(readFileSync(path + PLAIN, 'utf8'))
    : undefined;
  const imported: TemplateMiner[] = isLimited ? [] : [reference];

  for (const kind of kinds) {
    const place = `${system}${isLimited ? ' (limited)' : ''} ${kind.slice(1)}`;
    let miner: TemplateMiner;
    try {
      miner = await TemplateMiner.importDrain3(readFileSync(path + kind, 'utf8'), EXAMPLE_MASKS);
    } catch (error) {
      if (!(error instanceof SnapshotFailure)) throw error;
      comparison.compare(place, 'import', error.message, 'a snapshot');
      continue;
    }
    const clusters = clustersOf(miner);
    comparison.compare(place, 'clusters', clusters, expected ?? clusters);
    comparison.lines += rows.length;
    if (!isLimited) {
      for (const [index, row] of rows.entries()) {
        compareMatches(miner, `${place} line ${index + 1}`, row, comparison);
      }
    }
    imported.push(miner);
  }
  const [first, ...others] = imported;
  for (const [index, row] of rows.entries()) {
    // Lines it has not seen, so that clusters are founded and, at a limit, forgotten.
    const line = `${index % 3 === 0 ? 'again ' : ''}${row['Content'] ?? ''}`;
    const learned = JSON.stringify(first?.learn(line));
    for (const other of others) {
      const place = `${system} line ${index + 1} after the import`;
      comparison.compare(place, 'learned', JSON.stringify(other.learn(line)), learned);
    }
  }
}

/** Clusters as `id size template`, by id. */
function clustersOf(miner: TemplateMiner): string {
  return miner
    .templates()
    .map(({ clusterId, size, template }) => `${clusterId} ${size} ${template}`)
    .sort()
    .join('\n');
}

/** The same, read from drain3's own JSON wherever it keeps clusters. */
function storedClusters(json: string): string {
  const found = new Set<string>();
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    if ('log_template_tokens' in value && 'cluster_id' in value && 'size' in value) {
      const { 'py/tuple': tokens } = value.log_template_tokens as { 'py/tuple': readonly string[] };
      found.add(`${String(value.cluster_id)} ${String(value.size)} ${tokens.join(' ')}`);
      return;
    }
    for (const child of Object.values(value)) visit(child);
  };
  try {
    visit(JSON.parse(json));
  } catch {
    // Whether it is refused as it should be, the import tells.
    return 'not JSON';
  }
  return [...found].sort().join('\n');
}
