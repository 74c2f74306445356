import type { ScoredWindow, Verdict } from '@logbert/detection';
import { describe, expect, it } from 'vitest';
import { VerdictBook } from './verdict-book';

const window = (): ScoredWindow => ({
  tokens: Int32Array.of(4),
  novelLines: 0,
  score: undefined,
});
const verdict = (isAnomaly: boolean): Verdict => ({
  isAnomaly,
  pValue: isAnomaly ? 0.0001 : 0.5,
  statistic: 0,
  channels: [],
  deciding: 'rarity',
  missing: [],
  unusual: [],
  abnormalPositions: [],
  isEndUnexpected: false,
});

describe('VerdictBook', () => {
  it.each([
    [true, true, 'confirmed'],
    [true, false, 'retracted'],
    [false, true, undefined],
  ])('calls a window flagged %s and then %s %s', (wasFlagged, isAnomaly, outcome) => {
    const book = new VerdictBook();
    const judged = window();
    book.note(judged, 'order-7', wasFlagged ? 'a1' : undefined);
    const [settled] = book.settle([{ window: judged, wasFlagged, verdict: verdict(isAnomaly) }]);
    expect(settled).toMatchObject({ key: 'order-7', outcome });
  });

  it('says nothing of windows that another detector judged', () => {
    expect(
      new VerdictBook().settle([{ window: window(), wasFlagged: true, verdict: verdict(true) }]),
    ).toEqual([]);
  });
});
