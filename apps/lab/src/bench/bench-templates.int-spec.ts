import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../../../..', import.meta.url));

const python = [process.env['LOGBERT_PEERS_PYTHON'], 'python3'].find((name) => {
  if (name === undefined) return false;
  try {
    execFileSync(name, ['-c', 'import drain3'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});
if (python === undefined) {
  console.warn('skipped: no Python with drain3 to run beside ours (set LOGBERT_PEERS_PYTHON)');
}

let built: string;
let folder: string;
let log: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-templates-'));
  // Within the workspace, or the built program would not find its packages.
  built = mkdtempSync(join(ROOT, 'node_modules/.bench-templates-'));
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  const config = join(ROOT, 'apps/lab/vite.config.mts');
  execFileSync(process.execPath, [vite, 'build', '--config', config, '--outDir', built], {
    cwd: ROOT,
    stdio: 'ignore',
  });
  log = join(folder, 'messages.log');
  const messages = Array.from({ length: 300 }, (_, index) =>
    index % 3 === 0 ? `job ${index}1 done in 15 ms` : `cache kept ${index}17 of ${index}99 “pages”`,
  );
  writeFileSync(log, messages.join('\n'));
}, 60_000);
afterAll(() => {
  for (const path of [folder, built]) rmSync(path, { recursive: true, force: true });
});

interface Outcome {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

function bench(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(built, 'main.js'), 'bench', 'templates', ...args],
      { cwd: folder, env: { ...process.env, ...env } },
      (error, output, errors) => resolve({ code: error ? Number(error.code) : 0, output, errors }),
    );
  });
}

function report(): Record<string, Record<string, Record<string, unknown>>> {
  return JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as ReturnType<typeof report>;
}

describe('bench templates', () => {
  it('measures learning, matching and what more templates cost', async () => {
    const json = join(folder, 'result.json');
    const args = ['--log', log, '--lines', '2000', '--runs', '1', '--json', json];
    const { code, output, errors } = await bench(args);
    expect([code, errors]).toEqual([0, '']);
    expect(output).toMatch(/^match, default masks, frozen tree +[\d,]+ +\d/m);
    expect(output).toMatch(/^µs a line, by templates +100 +1,000 +10,000 +growth$/m);
    const { ours, costs, peers } = report();
    expect(Object.keys(ours ?? {})).toHaveLength(5);
    expect(peers).toBeUndefined();
    expect(ours).toMatchObject({ equalMasks: { clusters: 2 }, learn: { clusters: 2 } });
    expect(Object.keys(costs ?? {})).toEqual(['skewed', 'even', 'flexibleSkewed']);
    expect(Object.keys(costs?.['skewed']?.['byTemplates'] ?? {})).toEqual(['100', '1000', '10000']);
  });

  it.skipIf(python === undefined)(
    'runs drain3 beside ours and finds the same templates',
    async () => {
      const json = join(folder, 'result.json');
      const args = ['--log', log, '--lines', '2000', '--runs', '2', '--peers', '--json', json];
      const { code, output, errors } = await bench([...args, '--python', python ?? '']);
      expect([code, errors]).toEqual([0, '']);
      expect(output).toMatch(
        /^ours to drain3, median of the pairs: \d+\.\d\d \(.+, .+\); by CPU time \d/m,
      );
      const { ours, peers, ratio } = report();
      expect(peers?.['drain3']).toMatchObject({ clusters: 2 });
      expect(peers?.['drain3']?.['clusters']).toBe(ours?.['equalMasks']?.['clusters']);
      expect(ratio).toEqual(expect.any(Number));
    },
  );

  it('mixes the messages of a folder of systems', async () => {
    const data = mkdtempSync(join(folder, 'data-'));
    for (const system of ['one', 'two']) {
      execFileSync('mkdir', [join(data, system)]);
      writeFileSync(
        join(data, system, 'x_structured.csv'),
        `Content,EventId\n"${system} is\nup",E1\n`,
      );
    }
    const json = join(folder, 'result.json');
    const { code } = await bench([
      '--data',
      data,
      '--lines',
      '1000',
      '--runs',
      '1',
      '--json',
      json,
    ]);
    expect(code).toBe(0);
    expect(report()['ours']).toMatchObject({ learn: { clusters: 2 } });
  });

  it.each([
    [
      'a Python that is none',
      ['--python', '/nowhere/python'],
      {},
      1,
      /^\/nowhere\/python: no Python that can be run$/,
    ],
    [
      'no Python at all',
      [],
      { PATH: '/nowhere', XDG_CACHE_HOME: '/nowhere' },
      1,
      /^there is no Python 3\.9 or later/,
    ],
    [
      'a Python without drain3',
      ['--python', process.execPath],
      {},
      1,
      /has no drain3: .* -m pip install -r .*requirements\.txt$/,
    ],
    [
      'two inputs',
      ['--data', '.'],
      {},
      2,
      /^bench templates wants either --log FILE or --data DIR$/,
    ],
  ])('says so plainly: %s', async (_case, args, env, code, reason) => {
    const named = { LOGBERT_PEERS_PYTHON: undefined, ...env };
    const outcome = await bench(['--log', log, '--peers', ...args], named);
    expect(outcome.code).toBe(code);
    expect(outcome.errors.trim()).toMatch(reason);
    expect(outcome.errors).not.toMatch(/^ +at /m);
  });
});
