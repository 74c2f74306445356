import { join } from 'node:path';
import { type MinerSettings, TemplateMiner } from '@logbert/template-mining';
import type { ParsingFigures } from '../measures/parsing';
import { streamRecords } from '../reading/read-csv';
import type { Drain3Comparison } from './drain3-comparison';
import { DRAIN3_DEFAULTS } from './drain3-configurations';
import { ParsedSystem } from './parsed-system';
import { readTrueLines, type TemplateSystem } from './template-systems';

const COLUMNS = [
  'Content',
  'cluster_id',
  'change_type',
  'cluster_size',
  'cluster_count',
  'template_mined',
  'final_template',
  'match_never',
  'match_fallback',
  'match_always',
];

/** drain3's names for what learning a line did. */
const CHANGES: Readonly<Record<string, string>> = {
  created: 'cluster_created',
  changed: 'cluster_template_changed',
  none: 'none',
};

/** What the same truth says of both; undefined when drain3's answers are of other lines. */
export interface BothFigures {
  readonly ours: ParsingFigures;
  readonly drain3: ParsingFigures;
}

/**
 * Compares our answers with drain3's over all columns: those of each line while learning, then each cluster's final
 * template and what each search strategy matches.
 *
 * @param file drain3's answers, a row a line
 * @throws UsageError when the file cannot be read or lacks a column
 */
export async function compareDrain3Answers(
  system: TemplateSystem,
  file: string,
  settings: Partial<MinerSettings>,
  comparison: Drain3Comparison,
): Promise<BothFigures | undefined> {
  const miner = new TemplateMiner({ ...DRAIN3_DEFAULTS, ...settings });
  const rows: Readonly<Record<string, string>>[] = [];
  for await (const row of streamRecords(file, COLUMNS)) rows.push(row);
  comparison.lines += rows.length;
  const placeOf = (index: number): string => `${system.name} line ${index + 1}`;

  for (const [index, row] of rows.entries()) {
    const learned = miner.learn(row['Content'] ?? '');
    const compare = (column: string, ours: string | number): void =>
      comparison.compare(placeOf(index), column, String(ours), row[column]);
    compare('cluster_id', learned.clusterId);
    compare('change_type', CHANGES[learned.change] ?? learned.change);
    compare('cluster_size', learned.size);
    compare('cluster_count', learned.clusterCount);
    compare('template_mined', learned.template);
  }
  const templates = new Map(
    miner.templates().map(({ clusterId, template }) => [String(clusterId), template]),
  );
  for (const [index, row] of rows.entries()) {
    const final = templates.get(row['cluster_id'] ?? '') ?? '';
    comparison.compare(placeOf(index), 'final_template', final, row['final_template']);
    compareMatches(miner, placeOf(index), row, comparison);
  }
  return figuresOfBoth(system, rows, settings);
}

/** Compares what each search strategy matches with the columns of a row. */
export function compareMatches(
  miner: TemplateMiner,
  place: string,
  row: Readonly<Record<string, string>>,
  comparison: Drain3Comparison,
): void {
  for (const strategy of ['never', 'fallback', 'always'] as const) {
    const column = `match_${strategy}`;
    const match = miner.match(row['Content'] ?? '', strategy);
    comparison.compare(place, column, String(match?.clusterId ?? ''), row[column]);
  }
}

async function figuresOfBoth(
  system: TemplateSystem,
  rows: readonly Readonly<Record<string, string>>[],
  settings: Partial<MinerSettings>,
): Promise<BothFigures | undefined> {
  const miner = new TemplateMiner({ ...DRAIN3_DEFAULTS, ...settings });
  const ours = new ParsedSystem();
  const drain3 = new ParsedSystem();
  let index = 0;
  for await (const line of readTrueLines(system)) {
    const row = rows[index++];
    if (row?.['Content'] !== line.content) return undefined;
    const { clusterId, template } = miner.learn(line.content);
    ours.add(line, clusterId, template);
    drain3.add(line, Number(row['cluster_id']), row['template_mined'] ?? '');
  }
  if (index !== rows.length) return undefined;
  return { ours: ours.figures(miner.settings), drain3: drain3.figures(miner.settings) };
}

/** The file of a system in a folder of answers, packed or not, as far as there is one. */
export function answersOf(
  folder: string,
  names: readonly string[],
  name: string,
): string | undefined {
  const found = [`${name}.csv`, `${name}.csv.gz`].find((file) => names.includes(file));
  return found === undefined ? undefined : join(folder, found);
}
