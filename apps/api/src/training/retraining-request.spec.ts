import { type Model, trainingConfigSchema } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { isTooSoon, retrainingRequest } from './retraining-request';

const HOUR_MS = 3_600_000;
const MADE_AT = 10 * HOUR_MS;
const NOW = MADE_AT + 2 * HOUR_MS;
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
  it('asks for all that is kept when lines have doubled and are few', () => {
    const lines = new Map([['m-2', 30_000]]);
    expect(retrainingRequest(modelOf(30_000), lines, retraining, NOW)).toEqual({
      stream: 'shop',
      source: { kind: 'stream', fromMs: 0, toMs: NOW },
      options: {},
      promote: true,
    });
  });

  it('asks for the last lines, as many as are wanted at the pace since the model was made', () => {
    const lines = new Map([['m-2', 1_000_000]]);
    const request = retrainingRequest(modelOf(500_000), lines, retraining, NOW);
    expect(request?.source).toMatchObject({ fromMs: NOW - HOUR_MS });
  });

  it.each([
    ['too few new lines', [['m-2', 29_999]]],
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
    expect(retrainingRequest(modelOf(30_000), counted, retraining, NOW)).toBeUndefined();
  });

  it('goes by the growth that is configured', () => {
    const lines = new Map([['m-2', 7_500]]);
    const eager = { ...retraining, growth: 1.25 };
    expect(retrainingRequest(modelOf(30_000), lines, eager, NOW)).toBeDefined();
  });
});

describe('isTooSoon', () => {
  it('goes by the promotion of the model and by the last job, whatever came of it', () => {
    expect(isTooSoon(modelOf(1), undefined, retraining, MADE_AT + HOUR_MS - 1)).toBe(true);
    expect(isTooSoon(modelOf(1), undefined, retraining, MADE_AT + HOUR_MS)).toBe(false);
    expect(isTooSoon(modelOf(1), NOW - 1_000, retraining, NOW)).toBe(true);
  });
});
