import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { MinerSettings } from './miner-settings';
import { SnapshotFailure } from './snapshot-failure';
import { TemplateMiner } from './template-miner';

const DATA =
  process.env['LOGBERT_DATA'] ?? fileURLToPath(new URL('../../../../shared/data', import.meta.url));
const REFERENCE = `${DATA}/drain3-reference`;
const isPresent = existsSync(REFERENCE);
if (!isPresent) console.warn(`skipped: no reference at ${REFERENCE} (set LOGBERT_DATA)`);

const START = '((?<=[^A-Za-z0-9])|^)';
const END = '((?=[^A-Za-z0-9])|$)';

/** The masks of drain3's example configuration. */
const INI_MASKS = [
  { name: 'ID', pattern: `${START}(([0-9a-f]{2,}:){3,}([0-9a-f]{2,}))${END}` },
  { name: 'IP', pattern: `${START}(\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3})${END}` },
  { name: 'SEQ', pattern: `${START}([0-9a-f]{6,} ?){3,}${END}` },
  { name: 'SEQ', pattern: `${START}([0-9A-F]{4} ?){4,}${END}` },
  { name: 'HEX', pattern: `${START}(0x[a-f0-9A-F]+)${END}` },
  { name: 'NUM', pattern: `${START}([\\-\\+]?\\d+)${END}` },
  { name: 'CMD', pattern: '(?<=executed cmd )(".+?")' },
].map((rule) => ({ ...rule, isTrusted: true }));

const CONFIGURATIONS: Readonly<Record<string, Partial<MinerSettings>>> = {
  default_nomask: { masks: [] },
  default_inimask: { masks: INI_MASKS },
  ini_full: {
    masks: INI_MASKS,
    maskPrefix: '<:',
    maskSuffix: ':>',
    extraDelimiters: ['_'],
    maxClusters: 1024,
  },
  lru20: { masks: INI_MASKS, maxClusters: 20 },
  lru5_children4: { masks: [], maxClusters: 5, maxChildren: 4, depth: 5 },
  nonumparam: { masks: [], parametrizeNumericTokens: false, depth: 5, maxChildren: 10 },
};

interface SystemSettings {
  readonly regex: readonly string[];
  readonly st: number;
  readonly depth: number;
}

function perDataset(system: string): Partial<MinerSettings> {
  const path = `${DATA}/loghub-2k/drain-settings.json`;
  const { datasets } = JSON.parse(readFileSync(path, 'utf8')) as {
    datasets: Record<string, SystemSettings>;
  };
  const { regex, st, depth } = datasets[system] as SystemSettings;
  return {
    masks: regex.map((pattern) => ({ name: '*', pattern, isTrusted: true })),
    similarity: st,
    depth,
  };
}

interface ExtractedRow {
  readonly template: string;
  readonly content: string;
  readonly exact: readonly (readonly [value: string, mask: string])[] | null;
}

/** RFC 4180, first row as names. */
function readCsv(path: string): Record<string, string>[] {
  const file = readFileSync(path);
  const text = (path.endsWith('.gz') ? gunzipSync(file) : file).toString('utf8');
  const rows: string[][] = [];
  let row: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^,\n]*?))(,|\r?\n|$)/gy;
  for (
    let found = field.exec(text);
    found && field.lastIndex <= text.length;
    found = field.exec(text)
  ) {
    row.push(found[1] === undefined ? (found[2] as string) : found[1].replaceAll('""', '"'));
    if (found[3] !== ',') {
      rows.push(row);
      row = [];
      if (field.lastIndex >= text.length) break;
    }
  }
  const [names = [], ...values] = rows;
  return values.map((cells) =>
    Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ''])),
  );
}

const CHANGES: Readonly<Record<string, string>> = {
  created: 'cluster_created',
  changed: 'cluster_template_changed',
  none: 'none',
};

function differences(system: string, settings: Partial<MinerSettings>, folder: string): string[] {
  const rows = readCsv(`${REFERENCE}/${folder}/${system}.csv.gz`);
  const miner = new TemplateMiner({ depth: 4, similarity: 0.4, ...settings });
  const found: string[] = [];
  const compare = (line: string, column: string, ours: unknown, theirs: unknown) => {
    if (String(ours) !== theirs)
      found.push(`${line} ${column}: ${String(ours)} <> ${String(theirs)}`);
  };
  for (const row of rows) {
    const learned = miner.learn(row['Content'] as string);
    const line = row['LineId'] as string;
    compare(line, 'cluster_id', learned.clusterId, row['cluster_id']);
    compare(line, 'change_type', CHANGES[learned.change], row['change_type']);
    compare(line, 'cluster_size', learned.size, row['cluster_size']);
    compare(line, 'cluster_count', learned.clusterCount, row['cluster_count']);
    compare(line, 'template_mined', learned.template, row['template_mined']);
  }
  const templates = new Map(
    miner.templates().map((mined) => [String(mined.clusterId), mined.template]),
  );
  for (const row of rows) {
    const line = row['LineId'] as string;
    const content = row['Content'] as string;
    compare(
      line,
      'final_template',
      templates.get(row['cluster_id'] as string) ?? '',
      row['final_template'],
    );
    for (const strategy of ['never', 'fallback', 'always'] as const) {
      const match = miner.match(content, strategy);
      compare(line, `match_${strategy}`, match?.clusterId ?? '', row[`match_${strategy}`]);
    }
  }
  expect(rows.length).toBe(2_000);
  return found;
}

describe.skipIf(!isPresent)('TemplateMiner beside drain3 0.9.11', () => {
  const systems = isPresent
    ? readdirSync(`${REFERENCE}/default_nomask`).map((file) => file.replace('.csv.gz', ''))
    : [];
  const cases = [...Object.keys(CONFIGURATIONS), 'perdataset'].flatMap((configuration) =>
    systems.map((system) => [configuration, system] as const),
  );

  it.each(cases)('answers the same in %s on %s', (configuration, system) => {
    const settings = CONFIGURATIONS[configuration] ?? perDataset(system);
    expect(differences(system, settings, configuration)).toEqual([]);
  });

  it.each(systems)(
    'reads the same parameters on %s, and some where drain3 finds none',
    (system) => {
      const miner = new TemplateMiner({ masks: INI_MASKS });
      const file = gunzipSync(readFileSync(`${REFERENCE}/extract_parameters/${system}.jsonl.gz`));
      const found: unknown[] = [];
      for (const text of file.toString('utf8').split('\n').filter(Boolean)) {
        const row = JSON.parse(text) as ExtractedRow;
        const parameters = miner.extractParameters(row.template, row.content);
        expect(parameters).toBeDefined();
        const ours = parameters?.map(({ value, mask }) => [value, mask]);
        if (row.exact && JSON.stringify(ours) !== JSON.stringify(row.exact))
          found.push([row, ours]);
      }
      expect(found).toEqual([]);
    },
  );

  const importBoth = (name: string) =>
    Promise.all(
      ['json', 'b64zlib'].map((kind) =>
        TemplateMiner.importDrain3(
          readFileSync(`${REFERENCE}/snapshots/${name}.${kind}`, 'utf8'),
          INI_MASKS,
        ),
      ),
    );

  it.each([
    ['Apache', undefined],
    ['HDFS', undefined],
    ['Linux', 50],
  ])(
    'imports its snapshots of %s (maxClusters %s) and goes on from there',
    async (system, limit) => {
      const miner = new TemplateMiner({
        depth: 4,
        similarity: 0.4,
        masks: INI_MASKS,
        maxClusters: limit,
      });
      const rows = readCsv(`${REFERENCE}/default_inimask/${system}.csv.gz`);
      const lines = rows.map((row) => row['Content'] ?? '');
      for (const line of lines) miner.learn(line);

      const imported = await importBoth(limit === undefined ? system : `${system}_lru${limit}`);
      for (const same of imported) expect(same.templates()).toEqual(miner.templates());
      for (const line of lines.map((text) => `new ${text}`)) {
        const learned = miner.learn(line);
        for (const same of imported) expect(same.learn(line)).toEqual(learned);
      }
    },
  );

  it('imports the order of use from drain3, which saving had changed there', async () => {
    const [plain, packed] = await importBoth('Apache_lru3');
    expect(plain?.templates().map(({ clusterId, size }) => [clusterId, size])).toEqual([
      [82, 2],
      [81, 2],
      [79, 3],
    ]);
    expect(packed?.snapshot()).toEqual(plain?.snapshot());
  });

  it('refuses a snapshot that is cut off', async () => {
    const text = readFileSync(`${REFERENCE}/snapshots/HDFS.b64zlib`, 'utf8').slice(0, -40);
    await expect(TemplateMiner.importDrain3(text, [])).rejects.toThrow(SnapshotFailure);
  });
});

/**
 * Grouping accuracy: share of lines whose cluster has exactly the lines of their event.
 *
 * Source: Zhu et al., "Tools and Benchmarks for Automated Log Parsing", ICSE-SEIP 2019; its F1 over groups: Khan et al.,
 * "Guidelines for Assessing the Accuracy of Log Message Template Identification Techniques", ICSE 2022.
 */
function groupingAccuracy(predicted: readonly number[], events: readonly string[]) {
  const sizes = new Map<string, number>();
  const groups = new Map<number, string[]>();
  for (const [index, event] of events.entries()) {
    sizes.set(event, (sizes.get(event) ?? 0) + 1);
    const cluster = predicted[index] as number;
    groups.set(cluster, [...(groups.get(cluster) ?? []), event]);
  }
  const right = [...groups.values()].filter(
    (group) => new Set(group).size === 1 && sizes.get(group[0] as string) === group.length,
  );
  const lines = right.reduce((sum, group) => sum + group.length, 0);
  return {
    accuracy: lines / events.length,
    f1: (2 * right.length) / (groups.size + sizes.size),
  };
}

describe.skipIf(!isPresent)('TemplateMiner with its default settings', () => {
  it('groups the lines of all systems with a mean accuracy of 0.80 and more', () => {
    const folder = `${DATA}/loghub-2k`;
    const systems = readdirSync(folder).filter((name) => !name.includes('.'));
    const results = systems.map((system) => {
      const rows = readCsv(`${folder}/${system}/${system}_2k.log_structured.csv`);
      const miner = new TemplateMiner();
      const clusters = rows.map((row) => miner.learn(row['Content'] ?? '').clusterId);
      return groupingAccuracy(
        clusters,
        rows.map((row) => row['EventId'] ?? ''),
      );
    });
    const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    expect(systems.length).toBe(12);
    expect(mean(results.map(({ accuracy }) => accuracy))).toBeGreaterThan(0.8);
    expect(mean(results.map(({ f1 }) => f1))).toBeGreaterThan(0.8);
  });
});
