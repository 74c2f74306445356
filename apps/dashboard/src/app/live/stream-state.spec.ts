import { type Model, modelSchema, throughputSchema } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { buildJob } from '../../testing/samples';
import { stateOf } from './stream-state';

const NOW_MS = 100_000;
const sample = (linesPerSecond: number, lag: number, at = NOW_MS) =>
  throughputSchema.parse({
    stream: 'shop',
    at,
    linesPerSecond,
    windowsPerSecond: 1,
    anomalies: 0,
    lag,
  });
const model: Model = modelSchema.parse({
  id: 'm',
  stream: 'shop',
  version: 1,
  isActive: true,
  jobId: null,
  metrics: {
    lines: 0,
    templates: 0,
    windows: 0,
    trimmedWindows: 0,
    calibrationWindows: 0,
    parameters: 0,
    epochs: 0,
    loss: null,
    validationLoss: null,
    tokensPerSecond: null,
    trainingSeconds: 0,
    bytes: 0,
  },
  createdAt: 0,
  promotedAt: 0,
});

describe('stateOf', () => {
  it('tells learning from having nothing to learn from', () => {
    const facts = { model: null, sample: undefined, nowMs: NOW_MS };
    expect(stateOf({ ...facts, job: buildJob() }).kind).toBe('training');
    expect(stateOf({ ...facts, job: undefined })).toMatchObject({
      kind: 'unmodelled',
      text: 'No model yet',
    });
  });

  it('goes on scoring while the next model is trained', () => {
    const facts = { model, job: buildJob(), sample: sample(10, 0), nowMs: NOW_MS };
    expect(stateOf(facts).kind).toBe('scoring');
  });

  it('is behind when many lines wait, and silent when none come or the last figure is old', () => {
    const facts = { model, job: undefined, nowMs: NOW_MS };
    expect(stateOf({ ...facts, sample: sample(10, 50_000) }).kind).toBe('behind');
    expect(stateOf({ ...facts, sample: sample(0, 0) }).kind).toBe('silent');
    expect(stateOf({ ...facts, sample: sample(10, 0, NOW_MS - 60_000) }).kind).toBe('silent');
    expect(stateOf({ ...facts, sample: undefined }).kind).toBe('silent');
  });

  it('claims no scoring while the model is not known', () => {
    const facts = { model: undefined, job: undefined, sample: sample(10, 0), nowMs: NOW_MS };
    expect(stateOf(facts).kind).toBe('receiving');
  });
});
