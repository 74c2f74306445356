import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configurationSchema } from '@logbert/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TrainingChild, type TrainingListener } from './training-child';
import type { TrainingOrder } from './training-order';

const configuration = configurationSchema.parse({});
const ORDER: TrainingOrder = {
  jobId: 'job',
  attempt: 1,
  pin: undefined,
  beganAtMs: 1,
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

const NOBODY: TrainingListener = {
  onProgress: () => undefined,
  onEpoch: () => undefined,
  onPinned: () => undefined,
  onResumed: () => undefined,
  onNotice: () => undefined,
};

describe('TrainingChild', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'logbert-children-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  /** A real process that does what the script says once it has its order. */
  function child(name: string, script: string, listener: Partial<TrainingListener> = {}) {
    const program = join(folder, `${name}.cjs`);
    writeFileSync(
      program,
      `process.on('message', (command) => { ${script} }); process.send({ type: 'ready' });`,
    );
    return new TrainingChild(program, ORDER, { ...NOBODY, ...listener });
  }

  it('hands its order over and gives the metrics', async () => {
    const script = `process.send({ type: 'done', metrics: { echo: command.order.stream } }, () => process.exit());`;
    await expect(child('done', script).result).resolves.toEqual({ echo: 'orders' });
  });

  it('passes progress on', async () => {
    const seen: unknown[] = [];
    const script = `process.send({ type: 'progress', progress: { share: 0.5 } });
      process.send({ type: 'done', metrics: {} }, () => process.exit());`;
    await child('progress', script, { onProgress: (progress) => seen.push(progress) }).result;
    expect(seen).toEqual([{ share: 0.5 }]);
  });

  it('passes on what it read, where it went on, and what is for the log', async () => {
    const seen: unknown[] = [];
    const script = `process.send({ type: 'pinned', pin: [] });
      process.send({ type: 'resumed', resumption: { epoch: 2, refusal: null }, history: [] });
      process.send({ type: 'notice', text: 'mind' });
      process.send({ type: 'done', metrics: {} }, () => process.exit());`;
    await child('notices', script, {
      onPinned: (pin) => seen.push(pin),
      onResumed: ({ epoch }) => seen.push(epoch),
      onNotice: (text) => seen.push(text),
    }).result;
    expect(seen).toEqual([[], 2, 'mind']);
  });

  it('tells a failure that the child names itself', async () => {
    const script = `process.send({ type: 'failed', code: 'a/b', message: 'too few', isRetriable: false }, () => process.exit());`;
    await expect(child('failed', script).result).rejects.toMatchObject({
      code: 'a/b',
      message: 'too few',
      retriable: false,
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
    const missing = new TrainingChild(join(folder, 'missing.js'), ORDER, NOBODY);
    await expect(missing.result).rejects.toMatchObject({ code: 'training/crash' });
  });

  it('kills a child that does not stop when it is cancelled', async () => {
    const deaf = child('deaf', 'setInterval(() => undefined, 1000);');
    deaf.cancel();
    await expect(deaf.result).rejects.toMatchObject({ code: 'training/cancelled' });
  });
});
