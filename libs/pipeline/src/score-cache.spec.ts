import type { WindowScore } from '@logbert/logbert';
import { describe, expect, it } from 'vitest';
import { ScoreCache } from './score-cache';

describe('ScoreCache', () => {
  const scoreOf = (window: Int32Array): WindowScore => ({
    surprise: Float32Array.from(window),
    entropy: new Float32Array(window.length),
    alternatives: [],
    distance: window.length,
    presence: undefined,
    endSurprise: undefined,
    nextAlternatives: undefined,
  });

  const counting = (capacity: number) => {
    const asked: number[][] = [];
    const cache = new ScoreCache((windows) => {
      asked.push(...windows.map((window) => [...window]));
      return Promise.resolve(windows.map(scoreOf));
    }, capacity);
    return { cache, asked };
  };

  it('gives scores in the order of the windows and asks for each distinct one once', async () => {
    const { cache, asked } = counting(10);
    const scores = await cache.score([Int32Array.of(5), Int32Array.of(6, 7), Int32Array.of(5)]);
    expect(scores.map(({ surprise }) => [...surprise])).toEqual([[5], [6, 7], [5]]);
    expect(asked).toEqual([[5], [6, 7]]);
  });

  it('remembers between calls and forgets what was not used for longest', async () => {
    const { cache, asked } = counting(2);
    await cache.score([Int32Array.of(1), Int32Array.of(2)]);
    await cache.score([Int32Array.of(1)]);
    await cache.score([Int32Array.of(3)]);
    await cache.score([Int32Array.of(1)]);
    await cache.score([Int32Array.of(2)]);
    expect(asked).toEqual([[1], [2], [3], [2]]);
  });

  it('remembers fewer windows where they are long', async () => {
    const { cache, asked } = counting(2);
    const long = (key: number) => new Int32Array(40).fill(key);
    await cache.score([long(1)]);
    await cache.score([long(2)]);
    await cache.score([long(2)]);
    await cache.score([long(1)]);
    expect(asked.map(([key]) => key)).toEqual([1, 2, 1]);
  });

  it('does not mistake large keys for small ones', async () => {
    const { cache } = counting(10);
    const scores = await cache.score([Int32Array.of(1), Int32Array.of(65_537)]);
    expect(scores.map(({ surprise }) => surprise[0])).toEqual([1, 65_537]);
  });

  it('reads a window that is a part of a larger buffer', async () => {
    const { cache } = counting(10);
    const whole = Int32Array.of(1, 2, 3, 4);
    const scores = await cache.score([whole.subarray(0, 2), whole.subarray(2)]);
    expect(scores.map(({ surprise }) => [...surprise])).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('says so when the scorer leaves a window out', async () => {
    const cache = new ScoreCache(() => Promise.resolve([]), 1);
    await expect(cache.score([Int32Array.of(1)])).rejects.toThrow(RangeError);
  });
});
