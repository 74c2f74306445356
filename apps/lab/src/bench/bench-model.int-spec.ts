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
    execFileSync(name, ['-c', 'import torch'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});
if (python === undefined) {
  console.warn('skipped: no Python with torch to run beside ours (set LOGBERT_PEERS_PYTHON)');
}

let built: string;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-model-'));
  // Within the workspace, or the built program would not find its packages.
  built = mkdtempSync(join(ROOT, 'node_modules/.bench-model-'));
  const vite = join(ROOT, 'node_modules/vite/bin/vite.js');
  const config = join(ROOT, 'apps/lab/vite.config.mts');
  execFileSync(process.execPath, [vite, 'build', '--config', config, '--outDir', built], {
    cwd: ROOT,
    stdio: 'ignore',
  });
}, 60_000);
afterAll(() => {
  for (const path of [folder, built]) rmSync(path, { recursive: true, force: true });
});

function bench(args: readonly string[]): Promise<{ code: number; errors: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(built, 'main.js'), 'bench', ...args],
      { cwd: folder },
      (error, _output, errors) => resolve({ code: error ? Number(error.code) : 0, errors }),
    );
  });
}

function report(): Record<string, unknown> {
  return JSON.parse(readFileSync(join(folder, 'report.json'), 'utf8')) as Record<string, unknown>;
}

describe('bench train', () => {
  it('tells the peak memory of training on windows', { timeout: 60_000 }, async () => {
    const args = ['train', '--windows', '300', '--lines', '12', '--runs', '1', '--json'];
    expect(await bench([...args, 'report.json'])).toEqual({ code: 0, errors: '' });
    expect(report()).toMatchObject({ command: 'bench train', lines: 12, ours: { windows: 300 } });
  });

  it.skipIf(python === undefined)('runs PyTorch beside ours', { timeout: 200_000 }, async () => {
    const args = ['train', '--runs', '1', '--steps', '24', '--peers', '--python', python ?? ''];
    expect(await bench([...args, '--json', 'report.json'])).toMatchObject({ code: 0 });
    const { shapes } = report() as { shapes: Record<string, { ratio: number }> };
    expect(Object.keys(shapes)).toEqual(['H 128, L 2', 'H 256, L 4']);
    for (const { ratio } of Object.values(shapes)) expect(ratio).toBeGreaterThan(0);
  });
});

describe('bench score', () => {
  it('wants all files of sessions or none, and says so before it measures', async () => {
    const { code, errors } = await bench(['score', '--train', 'sessions.csv']);
    expect(code).not.toBe(0);
    expect(errors).toContain('all of --train, --calibrate, --normal, --anomalous, or none');
  });
});

describe('bench pipeline', () => {
  const STEPS = ['accepted', 'loaded cart of', 'charged', 'shipped', 'closed'];
  /** A session a second. */
  const linesOf = (second: number) =>
    STEPS.map((step, place) => {
      const timestamp = new Date(1_000 * second + place).toISOString();
      return JSON.stringify({ timestamp, message: `${step} order-n${second}` });
    });

  it('tells speed, memory, CPU and event-loop delay', { timeout: 120_000 }, async () => {
    const seconds = Array.from({ length: 800 }, (_, second) => second);
    writeFileSync(join(folder, 'orders.log'), seconds.flatMap(linesOf).join('\n'));
    const args = ['pipeline', '--log', 'orders.log', '--session-key', 'order-\\w+'];
    const how = ['--detectors', '2', '--runs', '1', '--json', 'report.json'];
    expect(await bench([...args, ...how])).toMatchObject({ code: 0 });
    const figures = {
      linesPerSecond: expect.any(Number),
      windowsPerSecond: expect.any(Number),
      peakMemoryBytes: expect.any(Number),
      cpuShare: expect.any(Number),
      loopDelayP99Seconds: expect.any(Number),
    };
    expect(report()).toMatchObject({ detectors: 2, ours: { one: figures, several: figures } });
  });

  it('says before it trains that the lines cannot be shared', async () => {
    writeFileSync(join(folder, 'one.log'), linesOf(0).join('\n'));
    const { code, errors } = await bench(['pipeline', '--log', 'one.log', '--detectors', '2']);
    expect(code).toBe(2);
    expect(errors).toContain('too few sessions or services for 2 detectors');
    expect(errors).not.toContain('learning');
  });
});
