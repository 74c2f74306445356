import {
  type Incident,
  type Model,
  trainingConfigSchema,
  type TrainingJob,
} from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { queuedJob } from './job-progress';
import { isDecidedByHand, isTooSoon, isTroubled, retrainingRequest } from './retraining-request';

const HOUR_MS = 3_600_000;
const MADE_AT = 10 * HOUR_MS;
const NOW = MADE_AT + 2 * HOUR_MS;
const SPAN = { fromMs: MADE_AT, nowMs: NOW };
const { retraining } = trainingConfigSchema.parse({});

const modelOf = (lines: number): Model => ({
  id: 'm-2',
  stream: 'shop',
  version: 2,
  isActive: true,
  jobId: null,
  metrics: {
    ...{ lines, templates: 5, windows: 100, trimmedWindows: 0, calibrationWindows: 30 },
    ...{ parameters: 1_000, epochs: 3, loss: 1, validationLoss: 1, tokensPerSecond: 1 },
    ...{ trainingSeconds: 1, bytes: 1 },
  },
  createdAt: MADE_AT - 1_000,
  promotedAt: MADE_AT,
});

describe('retrainingRequest', () => {
  it('asks for the last lines when they have doubled', () => {
    const lines = new Map([['m-2', 30_000]]);
    expect(retrainingRequest(modelOf(30_000), lines, retraining, SPAN)).toEqual({
      stream: 'shop',
      source: { kind: 'stream', fromMs: MADE_AT, toMs: NOW },
      options: {},
      promote: true,
    });
  });

  it.each([
    ['too few new lines came', [['m-2', 29_999]]],
    [
      'as many came under the models before',
      [
        ['m-2', 40_000],
        ['m-1', 30_000],
        [null, 20_000],
      ],
    ],
    ['none came', []],
  ] as const)('asks for nothing when %s', (_case, lines) => {
    const counted = new Map<string | null, number>(lines);
    expect(retrainingRequest(modelOf(30_000), counted, retraining, SPAN)).toBeUndefined();
  });

  it('goes by the growth that is configured', () => {
    const lines = new Map([['m-2', 7_500]]);
    const eager = { ...retraining, growth: 1.25 };
    expect(retrainingRequest(modelOf(30_000), lines, eager, SPAN)).toBeDefined();
  });

  it('asks for nothing of lines that tell a time to come', () => {
    const lines = new Map([['m-2', 30_000]]);
    const ahead = { fromMs: NOW + 1, nowMs: NOW };
    expect(retrainingRequest(modelOf(30_000), lines, retraining, ahead)).toBeUndefined();
  });
});

describe('isTooSoon', () => {
  const request = { stream: 'shop', source: { kind: 'file', path: 'a' }, options: {} } as const;
  const job = (state: TrainingJob['state'], origin: TrainingJob['origin'], atMs: number) => ({
    ...queuedJob('j', request, atMs, origin),
    state,
  });

  it('goes by the promotion of the model and by the last job', () => {
    const model = modelOf(1);
    expect(isTooSoon(model, [], retraining, MADE_AT + HOUR_MS - 1)).toBe(true);
    expect(isTooSoon(model, [], retraining, MADE_AT + HOUR_MS)).toBe(false);
    const jobs = [job('succeeded', 'request', NOW - HOUR_MS + 1)];
    expect(isTooSoon(model, jobs, retraining, NOW)).toBe(true);
  });

  it('waits twice as long after each automatic job on end that came to nothing', () => {
    const failed = (count: number) =>
      Array.from({ length: count }, () => job('failed', 'growth', NOW));
    const at = (jobs: readonly TrainingJob[], hours: number) =>
      isTooSoon(modelOf(1), jobs, retraining, NOW + hours * HOUR_MS);
    expect([at(failed(2), 3.9), at(failed(2), 4)]).toEqual([true, false]);
    const mended = [...failed(1), job('succeeded', 'growth', NOW), ...failed(3)];
    expect([at(mended, 1.9), at(mended, 2)]).toEqual([true, false]);
    expect([at(failed(20), 31.9), at(failed(20), 32)]).toEqual([true, false]);
  });
});

describe('what keeps a stream from being trained by itself', () => {
  it('is a newer model that does not score: somebody decided so', () => {
    const active = modelOf(1);
    expect(isDecidedByHand(active, active)).toBe(false);
    expect(isDecidedByHand(active, { ...active, id: 'm-3' })).toBe(true);
  });

  it('is a severe incident that is open, or was within the pause', () => {
    const incident = (severity: Incident['severity'], lastSeenAt: number): Incident => ({
      ...{ id: 'i', stream: 'shop', state: 'closed', isAcknowledged: false, severity, title: 't' },
      ...{ openedAt: 1, lastSeenAt, closedAt: lastSeenAt, anomalyCount: 1, retractedCount: 0 },
      ...{ minPValue: 1e-6, services: [], culprits: [], similar: [], topCause: null },
    });
    const isTroubledBy = (...incidents: Incident[]) => isTroubled(incidents, retraining, NOW);
    expect(isTroubledBy(incident('high', NOW - HOUR_MS + 1))).toBe(true);
    expect(isTroubledBy(incident('high', NOW - HOUR_MS), incident('low', NOW))).toBe(false);
    expect(isTroubledBy({ ...incident('critical', 1), state: 'open' })).toBe(true);
  });
});
