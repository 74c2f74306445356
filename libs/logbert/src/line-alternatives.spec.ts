import { describe, expect, it } from 'vitest';
import { LineAlternatives } from './line-alternatives';

describe('LineAlternatives', () => {
  it('gives back what was set of each line, in any order', () => {
    const alternatives = new LineAlternatives(3, 2);
    const second = [
      { token: 70_000, probability: 0.75 },
      { token: 3, probability: 0.25 },
    ];
    const first = [
      { token: 5, probability: 1 },
      { token: 4, probability: 0 },
    ];
    alternatives.set(1, second);
    alternatives.set(0, first);
    expect([alternatives.at(0), alternatives.at(1)]).toEqual([first, second]);
  });

  it('has nothing of lines that there are not', () => {
    const alternatives = new LineAlternatives(2, 1);
    expect([alternatives.length, alternatives.at(-1), alternatives.at(2)]).toEqual([
      2,
      undefined,
      undefined,
    ]);
  });

  it('takes eight bytes an alternative', () => {
    const count = 20_000;
    const before = process.memoryUsage().arrayBuffers;
    const kept = Array.from({ length: count }, () => new LineAlternatives(20, 5));
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1.1 * count * 20 * 5 * 8);
    expect(kept).toHaveLength(count);
  });
});
