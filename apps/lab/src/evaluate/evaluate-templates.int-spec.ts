import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { TemplateMiner } from '@logbert/template-mining';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { UsageError } from '../reporting/options';
import { evaluateTemplates } from './evaluate-templates';

const DATA =
  process.env['LOGBERT_DATA'] ??
  fileURLToPath(new URL('../../../../../shared/data', import.meta.url));
const hasReference = existsSync(`${DATA}/drain3-reference`);
if (!hasReference) console.warn(`skipped: no drain3-reference in ${DATA} (set LOGBERT_DATA)`);

interface Result {
  readonly systems: Record<string, Record<string, Record<string, number | null>>>;
  readonly differences?: Record<string, number>;
  readonly reference?: Record<string, Record<string, unknown>>;
  readonly notes: readonly string[];
}

let folder: string;
let told: string[];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'evaluate-templates-'));
  told = [];
  vi.spyOn(console, 'log').mockImplementation((text: string) => void told.push(text));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});

function put(path: string, content: string | Uint8Array): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, content);
  return file;
}

async function run(...argv: readonly string[]): Promise<Result> {
  const json = join(folder, 'result.json');
  await evaluateTemplates([...argv, '--json', json]);
  return JSON.parse(readFileSync(json, 'utf8')) as Result;
}

const dataIn = (): string => join(folder, 'data');

/** Two templates, told apart by any setting. */
const CLEAN = [
  'LineId,Content,EventId,EventTemplate',
  '1,job 17 done,E1,job <*> done',
  '2,job 18 done,E1,job <*> done',
  '3,cache is warm now,E2,cache is warm now',
  '',
].join('\n');

describe('evaluate templates', () => {
  it('reads any order of columns, line ends, byte order marks, quotes and packed files', async () => {
    put('data/clean/clean_structured.csv', CLEAN);
    put(
      'data/quoted/quoted_structured.csv',
      '\uFEFFEventTemplate,EventId,Content\r\n' +
        '"job <*>, ""done""",E1,"job 17, ""done"""\r\n' +
        '"job <*>, ""done""",E1,"job 18, ""done"""\r\n' +
        'first second,E2,"first\nsecond"\r\n',
    );
    put('data/packed/packed_structured.csv.gz', gzipSync(CLEAN));
    put('elsewhere/linked_structured.csv', CLEAN);
    symlinkSync(join(folder, 'elsewhere'), join(dataIn(), 'linked'));
    put('data/notes/readme.txt', 'no system');

    const { systems } = await run('--data', dataIn());

    const right = { groupingAccuracy: 1, groupingF1: 1, parsingAccuracy: 1, templateF1: 1 };
    expect(Object.keys(systems)).not.toContain('own settings');
    for (const system of ['clean', 'linked', 'packed', 'quoted', 'mean']) {
      for (const mode of ['default preset', 'flexible engine']) {
        expect([mode, system, systems[mode]?.[system]]).toEqual([mode, system, right]);
      }
    }
    expect(told.join('\n')).toMatch(/^mean +1\.0000 +1\.0000 +1\.0000 +1\.0000$/m);
  });

  it('measures grouping alone where the truth words no templates', async () => {
    put('data/ids/ids_structured.csv', 'Content,EventId\njob 17 done,E1\njob 18 done,E1\n');
    const { systems } = await run('--data', dataIn());
    expect(systems['default preset']?.['ids']).toEqual({
      groupingAccuracy: 1,
      groupingF1: 1,
      parsingAccuracy: null,
      templateF1: null,
    });
  });

  it('takes the settings of each system, and says why one has none', async () => {
    for (const name of ['able', 'broken', 'absent', 'odd', 'wrong']) {
      put(`data/${name}/x_structured.csv`, CLEAN);
    }
    const settings = put(
      'settings.json',
      JSON.stringify({
        datasets: {
          able: { regex: ['\\d+'], st: 0.5, depth: 4, mask_with: '*' },
          broken: { regex: ['(\\d+'], st: 0.5, depth: 4 },
          odd: { regex: ['(?P<number>\\d+)'], st: 0.5, depth: 4 },
          wrong: { regex: [], st: 'half', depth: 4 },
        },
      }),
    );
    const { systems, notes } = await run('--data', dataIn(), '--settings', settings);
    expect(Object.keys(systems['own settings'] ?? {})).toEqual(['able', 'mean']);
    expect(systems['own settings']?.['able']?.['parsingAccuracy']).toBe(1);
    expect(Object.keys(systems['default preset'] ?? {})).toHaveLength(6);
    expect(notes).toEqual([
      'absent has no settings of its own: settings.json does not name it',
      expect.stringMatching(/^broken has no settings of its own: settings\.json: .*masks\[0\]/),
      expect.stringContaining(`odd has no settings of its own: settings.json: regex[0]: "(?P<"`),
      expect.stringMatching(/^wrong has no settings of its own: settings\.json: st: /),
    ]);
  });

  it('counts differences from drain3 in every column', async () => {
    put('data/clean/clean_structured.csv', CLEAN);
    const contents = ['job 17 done', 'job 18 done', 'cache is warm now'];
    const miner = new TemplateMiner({ depth: 4, similarity: 0.4, masks: [] });
    const changes = { created: 'cluster_created', changed: 'cluster_template_changed' };
    const rows = contents.map((content) => {
      const { clusterId, change, size, clusterCount, template } = miner.learn(content);
      const name = changes[change as keyof typeof changes] ?? change;
      return [clusterId, name, size, clusterCount, template];
    });
    const finals = new Map(miner.templates().map((one) => [one.clusterId, one.template]));
    const head =
      'LineId,cluster_id,change_type,cluster_size,cluster_count,template_mined,final_template,' +
      'match_never,match_fallback,match_always,Content';
    const written = rows.map((row, index) => {
      const matches = (['never', 'fallback', 'always'] as const).map(
        (strategy) => miner.match(contents[index] ?? '', strategy)?.clusterId ?? '',
      );
      const final = finals.get(Number(row[0])) ?? '';
      return [index + 1, ...row, final, ...matches, contents[index]].map(String);
    });
    const write = (lines: readonly (readonly string[])[]): void =>
      void put('reference/default_nomask/clean.csv', [head, ...lines.map(String), ''].join('\n'));

    write(written);
    const argv = ['--data', dataIn(), '--reference', join(folder, 'reference')];
    expect((await run(...argv)).differences).toEqual({ default_nomask: 0 });

    const columns = head.split(',').slice(1, -1);
    write(
      written.map((row, index) =>
        index < 2 ? row : row.map((cell, at) => (at === 0 || at === 10 ? cell : 'x')),
      ),
    );
    const { differences, reference } = await run(...argv);
    // The altered row names a cluster that is none, so its final template is compared with no text.
    expect(differences).toEqual({ default_nomask: 9 });
    expect(Object.keys(reference?.['default_nomask']?.['byColumn'] ?? {}).sort()).toEqual(
      columns.sort(),
    );
  });

  it.each([
    ['no folder', () => ['--data', join(folder, 'none')], /none: no such folder/],
    ['a file for a folder', () => ['--data', put('file', '')], /not a folder/],
    ['a folder without systems', () => ['--data', folder], /no sub-folder has a \*_structured/],
    [
      'the folder of one system',
      () => ['--data', dirname(put('data/x/x_structured.csv', CLEAN))],
      /it is itself the folder of one system/,
    ],
    [
      'a file without messages',
      () => (put('data/x/x_structured.csv', 'a,b\n1,2\n'), ['--data', dataIn()]),
      /no column "Content"/,
    ],
    [
      'a file without truth',
      () => (put('data/x/x_structured.csv', 'Content\nabc\n'), ['--data', dataIn()]),
      /neither a column "EventTemplate" nor "EventId"/,
    ],
    [
      'settings of another form',
      () => (
        put('data/x/x_structured.csv', CLEAN),
        ['--data', dataIn(), '--settings', put('settings.json', '{}')]
      ),
      /there is no object "datasets"/,
    ],
    [
      'a reference of other systems',
      () => (
        put('data/x/x_structured.csv', CLEAN),
        mkdirSync(join(folder, 'reference')),
        ['--data', dataIn(), '--reference', join(folder, 'reference')]
      ),
      /no answers of drain3 for these systems/,
    ],
  ])('refuses %s with its reason', async (_case, argv, reason) => {
    const outcome = evaluateTemplates(argv());
    await expect(outcome).rejects.toThrow(UsageError);
    await expect(outcome).rejects.toThrow(reason);
  });
});

describe.skipIf(!hasReference)('evaluate templates beside drain3 0.9.11', () => {
  const argv = (): string[] => [
    '--data',
    `${DATA}/loghub-2k`,
    '--settings',
    `${DATA}/loghub-2k/drain-settings.json`,
  ];

  it('finds no difference, and the same accuracy', async () => {
    const { differences, reference, notes } = await run(
      ...argv(),
      '--reference',
      `${DATA}/drain3-reference`,
    );
    expect(notes).toEqual([]);
    expect(Object.keys(differences ?? {})).toHaveLength(9);
    expect(Object.values(differences ?? {}).every((count) => count === 0)).toBe(true);
    expect(reference?.['extract_parameters']?.['unread']).toEqual({ lines: 59, readByUs: 59 });
    for (const { ours, drain3 } of Object.values(reference ?? {})) expect(ours).toEqual(drain3);
  });

  it('sees an altered answer, parameter list and snapshot', async () => {
    const reference = join(folder, 'reference');
    for (const name of ['perdataset/Apache.csv.gz', 'extract_parameters/Apache.jsonl.gz']) {
      const text = gunzipSync(readFileSync(`${DATA}/drain3-reference/${name}`)).toString('utf8');
      const altered = text.replace(/,none,/, ',other,').replace('"exact": [["', '"exact": [["_');
      put(`reference/${name}`, gzipSync(altered));
    }
    cpSync(
      `${DATA}/drain3-reference/default_inimask/Apache.csv.gz`,
      (mkdirSync(join(reference, 'default_inimask')),
      join(reference, 'default_inimask/Apache.csv.gz')),
    );
    const snapshot = (kind: string): string =>
      readFileSync(`${DATA}/drain3-reference/snapshots/Apache.${kind}`, 'utf8');
    put('reference/snapshots/Apache.json', snapshot('json'));
    put('reference/snapshots/Apache.b64zlib', snapshot('b64zlib').slice(0, -40));

    const { differences } = await run(...argv(), '--reference', reference);
    expect(differences).toEqual({
      default_inimask: 0,
      extract_parameters: 1,
      perdataset: 1,
      snapshots: 1,
    });
  });
});
