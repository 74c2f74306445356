import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configurationSchema, type TrainingProgress } from '@logbert/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TrainingChild } from './training-child';
import type { TrainingOrder } from './training-order';

const configuration = configurationSchema.parse({});
const ORDER: TrainingOrder = {
  modelId: 'model',
  stream: 'orders',
  source: { kind: 'file', path: '/nowhere' },
  settings: configuration.defaultStream,
  training: configuration.training,
  detection: configuration.detection,
  logStream: configuration.logStream,
  dataDirectory: '/nowhere',
  artifacts: configuration.artifacts,
  artifactDirectory: '/nowhere',
  lineLimitBytes: 1_000,
};

describe('TrainingChild', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'logbert-children-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** A real process that does what the script says once it has its order. */
  function child(name: string, script: string, onProgress?: (progress: TrainingProgress) => void) {
    const program = join(folder, `${name}.cjs`);
    writeFileSync(
      program,
      `process.on('message', (command) => { ${script} }); process.send({ type: 'ready' });`,
    );
    return new TrainingChild(program, ORDER, {
      onProgress: onProgress ?? (() => undefined),
      onEpoch: () => undefined,
    });
  }

  it('hands its order over and gives the metrics', async () => {
    const script = `process.send({ type: 'done', metrics: { echo: command.order.stream } }, () => process.exit());`;
    await expect(child('done', script).result).resolves.toEqual({ echo: 'orders' });
  });

  it('passes progress on', async () => {
    const seen: unknown[] = [];
    const script = `process.send({ type: 'progress', progress: { share: 0.5 } });
      process.send({ type: 'done', metrics: {} }, () => process.exit());`;
    await child('progress', script, (progress) => seen.push(progress)).result;
    expect(seen).toEqual([{ share: 0.5 }]);
  });

  it('tells a failure that the child names itself', async () => {
    const script = `process.send({ type: 'failed', code: 'a/b', message: 'too few' }, () => process.exit());`;
    await expect(child('failed', script).result).rejects.toMatchObject({
      code: 'a/b',
      message: 'too few',
    });
  });

  it('tells a crash with the last words', async () => {
    const script = `console.error('the graph exploded'); process.exit(7);`;
    await expect(child('crash', script).result).rejects.toMatchObject({
      code: 'training/crash',
      message: expect.stringMatching(/exit code 7[\s\S]*the graph exploded/),
    });
  });

  it('tells a kill and what it may mean', async () => {
    const script = `process.kill(process.pid, 'SIGKILL');`;
    await expect(child('kill', script).result).rejects.toThrow(/SIGKILL.*out of memory/);
  });

  it('tells a program that is not there', async () => {
    const missing = new TrainingChild(join(folder, 'missing.js'), ORDER, {
      onProgress: () => undefined,
      onEpoch: () => undefined,
    });
    await expect(missing.result).rejects.toMatchObject({ code: 'training/crash' });
  });

  it('kills a child that does not stop when it is cancelled', async () => {
    const deaf = child('deaf', 'setInterval(() => undefined, 1000);');
    deaf.cancel();
    await expect(deaf.result).rejects.toMatchObject({ code: 'training/cancelled' });
  });
});
