import { describe, expect, it } from 'vitest';
import { LineAges } from './line-ages';

describe('LineAges', () => {
  const behind = { position: 10, lag: 5 };

  it('tells how long ago the first line of the oldest batch at work was received', () => {
    const ages = new LineAges();
    ages.begin('logs/0', 12, 1_000);
    ages.begin('logs/0', 15, 3_000);
    expect(ages.oldestMs('logs/0', behind, 5_000)).toBe(4_000);
    ages.end('logs/0', 12);
    expect(ages.oldestMs('logs/0', { position: 12, lag: 3 }, 5_000)).toBe(2_000);
    ages.end('logs/0', 15);
    expect(ages.oldestMs('logs/0', { position: 15, lag: 0 }, 5_000)).toBe(0);
  });

  it('is not younger for a batch that is tried again', () => {
    const ages = new LineAges();
    ages.begin('logs/0', 12, 1_000);
    ages.begin('logs/0', 12, 1_000);
    expect(ages.oldestMs('logs/0', behind, 9_000)).toBe(8_000);
  });

  it('grows where lines wait that nobody works on, and begins anew when something moves', () => {
    const ages = new LineAges();
    expect(ages.oldestMs('logs/1', behind, 1_000)).toBe(0);
    expect(ages.oldestMs('logs/1', behind, 61_000)).toBe(60_000);
    expect(ages.oldestMs('logs/1', { position: 11, lag: 4 }, 70_000)).toBe(0);
    expect(ages.oldestMs('logs/1', { position: 11, lag: 4 }, 75_000)).toBe(5_000);
  });

  it('goes by what is seen once a partition was taken away', () => {
    const ages = new LineAges();
    ages.begin('logs/0', 12, 1_000);
    ages.forget('logs/0');
    expect(ages.oldestMs('logs/0', behind, 9_000)).toBe(0);
  });

  it('is never negative for lines of a producer whose clock is ahead', () => {
    const ages = new LineAges();
    ages.begin('logs/0', 12, 20_000);
    expect(ages.oldestMs('logs/0', behind, 9_000)).toBe(0);
  });
});
