import { numbersOf } from '@logbert/onnx-graph';
import { DISTANCE, MASK } from '@logbert/sequences';
import { describe, expect, it } from 'vitest';
import { feedsOf, feedsOfSequences, pairsOf, targetsOf, type Pass } from './scoring-feeds';

const [A, B, C] = [4, 5, 6];
const pass = (window: number, piece: readonly number[], masked: readonly number[]): Pass => ({
  window,
  piece: Int32Array.from(piece),
  masked,
  offset: 0,
  asksEnd: false,
});
const passes = [pass(0, [A, B, A], [0, 2]), pass(0, [A, B, A], [1]), pass(1, [A, C], [1])];

describe('feedsOf', () => {
  const feeds = feedsOf(passes, 7);
  const numbers = (name: string) => {
    const tensor = feeds[name];
    if (!tensor) throw new RangeError(name);
    return numbersOf(tensor);
  };

  it('gives every pair of token and position once', () => {
    const pairs = numbers('tokens').map((token, at) => `${token}@${numbers('positions')[at]}`);
    expect(new Set(pairs).size).toBe(pairs.length);
    expect(pairs.length).toBeLessThan(3 * 4);
  });

  it('places them so that each column is a sequence, its masked lines hidden and padding 0', () => {
    expect(feeds['places']?.dims).toEqual([4, 3]);
    const placed = numbers('places').map((pair) => numbers('tokens')[pair]);
    expect(placed).toEqual(
      [
        [DISTANCE, DISTANCE, DISTANCE],
        [MASK, A, A],
        [B, MASK, MASK],
        [MASK, A, 0],
      ].flat(),
    );
    const positions = numbers('places').map((pair) => numbers('positions')[pair]);
    expect(positions).toEqual([0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]);
  });

  it('asks for the masked lines of all passes, and then for the beginning of each', () => {
    const asked = numbers('rows').map((row) => numbers('asked')[row] ?? NaN);
    const places = asked.map((at) => ({ column: at % 3, position: Math.floor(at / 3) }));
    expect(places).toEqual([
      { column: 0, position: 1 },
      { column: 0, position: 3 },
      { column: 1, position: 2 },
      { column: 2, position: 2 },
      { column: 0, position: 0 },
      { column: 1, position: 0 },
      { column: 2, position: 0 },
    ]);
  });

  it('asks only for places of the own sequence where a pass masks fewer lines', () => {
    expect(feeds['asked']?.dims).toEqual([3, 3]);
    expect(numbers('asked').map((at) => at % 3)).toEqual([0, 1, 2, 0, 1, 2, 0, 1, 2]);
  });

  it('says what older models are told in whole sequences', () => {
    const older = feedsOfSequences(passes);
    expect(older['tokens']?.dims).toEqual([3, 4]);
    expect([...(older['tokens']?.data ?? [])]).toEqual(
      [
        [DISTANCE, MASK, B, MASK],
        [DISTANCE, A, MASK, A],
        [DISTANCE, A, MASK, 0],
      ].flat(),
    );
    expect([...(older['rows']?.data ?? [])]).toEqual([1, 3, 6, 10, 0, 4, 8]);
  });
});

describe('targetsOf', () => {
  it('gives the class of each masked line and one for the beginning of each pass', () => {
    expect(targetsOf(passes).dims).toEqual([7, 1]);
    expect(numbersOf(targetsOf(passes)).slice(0, 4)).toEqual([1, 1, 2, 3]);
  });
});

describe('pairsOf', () => {
  const scores = [{ keys: [A, B] }, { keys: [A, C] }];

  it("pairs each masked line with every key of its own window's", () => {
    expect(numbersOf(pairsOf(passes, scores, 4))).toEqual([1, 2, 5, 6, 9, 10, 13, 15]);
  });

  it('is never empty', () => {
    const ends = passes.map((each) => ({ ...each, asksEnd: true }));
    expect(pairsOf(ends, scores, 4).dims).toEqual([1]);
  });
});
