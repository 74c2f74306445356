import { anomalyHeadSchema, throughputSchema } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import {
  ceilingOf,
  evidenceOf,
  presentOf,
  smooth,
  TRAFFIC_WINDOW_MS,
  withAnomaly,
  withHistory,
  withSample,
  withVerdict,
} from './traffic-window';

const sample = (at: number) =>
  throughputSchema.parse({
    stream: 'shop',
    at,
    linesPerSecond: at,
    windowsPerSecond: 0,
    anomalies: 0,
    lag: 0,
  });
const anomaly = (id: string, lastAt: number, incidentId: string | null = null) =>
  anomalyHeadSchema.parse({
    id,
    stream: 'shop',
    windowKey: 'w',
    firstAt: lastAt,
    lastAt,
    services: [],
    pValue: 0.001,
    decidingChannel: 'rarity',
    incidentId,
  });

describe('withSample', () => {
  it('keeps ten minutes, and one sample an instant', () => {
    const times = [0, 1_000, 1_000, TRAFFIC_WINDOW_MS + 500];
    const known = times.map(sample).reduce(withSample, new Map());
    expect(known.get('shop')?.map(({ at }) => at)).toEqual([1_000, TRAFFIC_WINDOW_MS + 500]);
  });
});

describe('withHistory', () => {
  const told = [3_000, 4_000].map(sample).reduce(withSample, new Map());
  const timesAfter = (...history: number[]) =>
    withHistory(told, 'shop', history.map(sample))
      .get('shop')
      ?.map(({ at }) => at);

  it('puts what the server remembers before what was told, one sample an instant', () => {
    expect(timesAfter(1_000, 2_000, 3_000)).toEqual([1_000, 2_000, 3_000, 4_000]);
  });

  it('keeps what was told while the history was under way, and the order of time', () => {
    expect(timesAfter(1_000, 3_500, 5_000)).toEqual([1_000, 3_000, 3_500, 4_000, 5_000]);
  });

  it('forgets what has left the window', () => {
    expect(timesAfter(1_000, 3_000 + TRAFFIC_WINDOW_MS)).toEqual([
      4_000,
      3_000 + TRAFFIC_WINDOW_MS,
    ]);
  });

  it('changes nothing where nothing is remembered, and leaves other streams alone', () => {
    expect(timesAfter()).toEqual([3_000, 4_000]);
    expect(withHistory(told, 'other', []).get('shop')).toBe(told.get('shop'));
  });
});

describe('withAnomaly', () => {
  it('brings a known anomaly up to date and keeps the order of time', () => {
    const told = [anomaly('b', 20), anomaly('a', 10), anomaly('b', 20, 'i')];
    const known = told.reduce(withAnomaly, new Map());
    expect(known.get('shop')).toEqual([anomaly('a', 10), anomaly('b', 20, 'i')]);
  });
});

describe('withVerdict', () => {
  it('brings a known anomaly up to date and leaves one alone that is not shown', () => {
    const known = [anomaly('a', 10)].reduce(withAnomaly, new Map());
    const final = (id: string) => ({
      ...anomaly(id, 10),
      verdict: { state: 'retracted' as const, settledAt: 20, pValue: 0.5 },
    });
    expect(withVerdict(known, final('a')).get('shop')).toEqual([final('a')]);
    expect(withVerdict(known, final('b'))).toBe(known);
  });
});

describe('evidenceOf', () => {
  it('is −log10 of the p-value and finite at zero', () => {
    expect(evidenceOf(0.001)).toBeCloseTo(3);
    expect(evidenceOf(0)).toBe(12);
    expect(evidenceOf(1)).toBe(-0);
  });
});

describe('smooth', () => {
  it('gives the mean of the last ten seconds', () => {
    const rates = smooth([sample(0), sample(2_000), sample(4_000), sample(13_000)]);
    expect(rates.map(({ linesPerSecond }) => linesPerSecond)).toEqual([0, 1_000, 2_000, 8_500]);
  });

  it('is empty for no samples', () => expect(smooth([])).toEqual([]));

  it('is zero where nothing was told for more than ten seconds', () => {
    const rates = smooth([sample(1_000), sample(60_000)]);
    expect(rates.map(({ at, linesPerSecond }) => [at, linesPerSecond])).toEqual([
      [1_000, 1_000],
      [11_000, 0],
      [59_999, 0],
      [60_000, 30_000],
    ]);
  });
});

describe('presentOf', () => {
  it('is the last rate, and zero once it is ten seconds old', () => {
    expect(presentOf([sample(1_000)], 11_000)?.linesPerSecond).toBe(1_000);
    expect(presentOf([sample(1_000)], 11_001)?.linesPerSecond).toBe(0);
  });

  it('is unknown before the first sample', () => expect(presentOf([], 1_000)).toBeUndefined());
});

describe('ceilingOf', () => {
  const rates = (...perSecond: number[]) =>
    perSecond.map((linesPerSecond, second) => ({
      ...sample(second * 30_000),
      linesPerSecond,
    }));

  it('lets a burst of before run out of the picture', () => {
    expect(ceilingOf(rates(4_000, 20, 25, 22))).toBe(100);
  });

  it('leaves the axis to the data while the burst lasts, and in silence', () => {
    expect(ceilingOf(rates(20, 25, 4_000))).toBeUndefined();
    expect(ceilingOf(rates(4_000, 0, 0, 0))).toBeUndefined();
    expect(ceilingOf([])).toBeUndefined();
  });
});
