import { describe, expect, it } from 'vitest';
import { RateWatch } from './rate-watch';
import { seeded } from './seeded';

const BUDGET = 0.001;

/** Knuth, "Seminumerical Algorithms", section 3.4.1. */
function poisson(mean: number, random: () => number): number {
  let count = 0;
  for (let product = random(); product > Math.exp(-mean); product *= random()) count++;
  return count;
}

const counted = (steady: number, bursty: number): ReadonlyMap<string, number> =>
  new Map([
    ['steady', steady],
    ['bursty', bursty],
  ]);

function warmed(minutes = 70): RateWatch {
  const watch = new RateWatch();
  for (let minute = 0; minute < minutes; minute++) {
    watch.judge(counted(20 + (minute % 3), minute % 2 ? 60 : 2), BUDGET);
  }
  return watch;
}

describe('RateWatch', () => {
  it('says nothing before it has seen an hour', () => {
    expect(warmed(59).judge(counted(900, 2), BUDGET)).toEqual([]);
    expect(warmed(60).judge(counted(900, 2), BUDGET)).toHaveLength(1);
  });

  it('finds a rate that rises, and says what was expected', () => {
    const [first, ...others] = warmed().judge(counted(90, 30), BUDGET);
    expect(first).toMatchObject({ key: 'steady', count: 90, expected: [20, 22] });
    expect(first?.pValue).toBeLessThan(1e-9);
    expect(others).toEqual([]);
  });

  it('finds a template that falls silent', () => {
    const [first] = warmed().judge(new Map([['bursty', 30]]), BUDGET);
    expect(first).toMatchObject({ key: 'steady', count: 0 });
    expect(first?.pValue).toBeLessThan(1e-6);
  });

  it('tells a silence once, and a rise again only when it rises further', () => {
    const watch = warmed();
    const silent = new Map([['bursty', 2]]);
    expect(watch.judge(silent, BUDGET)).toHaveLength(1);
    expect(watch.judge(silent, BUDGET)).toEqual([]);
    const other = warmed();
    expect(other.judge(counted(90, 2), BUDGET)).toHaveLength(1);
    expect(other.judge(counted(80, 2), BUDGET)).toEqual([]);
    expect(other.judge(counted(400, 2), BUDGET)).toHaveLength(1);
  });

  it('allows a bursty template its bursts', () => {
    expect(warmed().judge(counted(21, 80), BUDGET)).toEqual([]);
  });

  it('knows a job that runs every few hours after its first run, until a day is over', () => {
    const watch = new RateWatch();
    const told: number[] = [];
    for (let minute = 0; minute < 30 * 60; minute++) {
      const isJob = minute % 300 === 299;
      const verdicts = watch.judge(counted(isJob ? 500 : 20 + (minute % 3), 2), BUDGET);
      if (verdicts.length > 0) told.push(minute);
    }
    expect(told).toEqual([299]);
  });

  it('tells of steady templates in no more minutes than the budget allows', () => {
    const random = seeded(11);
    const watch = new RateWatch();
    const minutes = 6_000;
    let told = 0;
    for (let minute = 0; minute < minutes; minute++) {
      const counts = new Map(
        Array.from({ length: 20 }, (_, n) => [`t${n}`, poisson(1 + 2 * n, random)] as const),
      );
      if (watch.judge(counts, 0.01).length > 0) told++;
    }
    expect(told / minutes).toBeLessThanOrEqual(0.01);
  });

  it('watches no more templates than it may', () => {
    const watch = new RateWatch(1);
    for (let minute = 0; minute < 70; minute++) watch.judge(counted(5, 5), BUDGET);
    expect(watch.snapshot().map(({ key }) => key)).toEqual(['steady']);
  });

  it('forgets a template that has not come for an hour', () => {
    const watch = warmed();
    for (let minute = 0; minute < 60; minute++) watch.judge(new Map([['steady', 20]]), BUDGET);
    expect(watch.snapshot().map(({ key }) => key)).toEqual(['steady']);
  });

  it('goes on from a snapshot', () => {
    const watch = warmed(200);
    const other = RateWatch.restore(structuredClone(watch.snapshot()));
    for (const steady of [21, 95, 0]) {
      expect(other.judge(counted(steady, 2), BUDGET)).toEqual(
        watch.judge(counted(steady, 2), BUDGET),
      );
    }
    expect(other.snapshot()).toEqual(watch.snapshot());
  });
});
