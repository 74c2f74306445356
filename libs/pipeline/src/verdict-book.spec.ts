import type { ScoredWindow, SettledWindow, Verdict } from '@logbert/detection';
import { describe, expect, it } from 'vitest';
import { VerdictBook, type VerdictBookState } from './verdict-book';

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
const flagged = (window: ScoredWindow, isAnomaly: boolean): SettledWindow => ({
  window,
  wasFlagged: true,
  verdict: verdict(isAnomaly),
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
    book.settle([{ window: judged, wasFlagged, verdict: verdict(isAnomaly) }]);
    expect(book.take()).toMatchObject([{ key: 'order-7', outcome }]);
    expect(book.take()).toEqual([]);
  });

  it('says nothing of windows that another detector judged', () => {
    const book = new VerdictBook();
    book.settle([flagged(window(), true)]);
    expect(book.take()).toEqual([]);
  });
});

describe('VerdictBook over a restart', () => {
  const stored = (state: VerdictBookState) => JSON.parse(JSON.stringify(state)) as VerdictBookState;

  it('gives the restored windows of each kind their owners in their order', () => {
    const before = new VerdictBook();
    const whole = [window(), window(), window()];
    const rest = [window()];
    // The third was judged and never noted: explaining it had failed.
    whole.slice(0, 2).forEach((one, place) => before.note(one, `w-${place}`, `a${place}`));
    rest.forEach((one) => before.note(one, 'r-0', undefined));
    const unsettled = (...windows: ScoredWindow[][]) =>
      new Map([
        ['whole', windows[0] ?? []],
        ['rest', windows[1] ?? []],
      ]);
    const state = stored(before.snapshot(unsettled(whole, rest)));

    const after = new VerdictBook();
    const [wholeAgain, restAgain] = [whole.map(window), rest.map(window)];
    after.resume(state, unsettled(wholeAgain, restAgain));
    after.settle([
      ...restAgain.map((one) => ({ ...flagged(one, false), wasFlagged: false })),
      ...wholeAgain.map((one, place) => flagged(one, place === 0)),
    ]);
    expect(after.take()).toMatchObject([
      { key: 'r-0', outcome: undefined },
      { anomalyId: 'a0', outcome: 'confirmed' },
      { anomalyId: 'a1', outcome: 'retracted' },
    ]);
  });

  it('keeps the final words on anomalies that were not taken', () => {
    const before = new VerdictBook();
    const [odd, plain] = [window(), window()];
    before.note(odd, 'order-7', 'a1');
    before.note(plain, 'order-8', undefined);
    before.settle([flagged(odd, false), { ...flagged(plain, false), wasFlagged: false }]);
    const after = new VerdictBook();
    after.resume(stored(before.snapshot(new Map())), new Map());
    expect(after.take()).toMatchObject([{ anomalyId: 'a1', outcome: 'retracted' }]);
  });

  it('gives no window to somebody else when the state speaks of another number of them', () => {
    const before = new VerdictBook();
    const one = window();
    before.note(one, 'order-7', 'a1');
    const after = new VerdictBook();
    const two = [window(), window()];
    after.resume(before.snapshot(new Map([['whole', [one]]])), new Map([['whole', two]]));
    after.settle(two.map((each) => flagged(each, true)));
    expect(after.take()).toEqual([]);
  });

  it('says nothing of the windows of a state that knows no owners', () => {
    const after = new VerdictBook();
    const one = window();
    after.resume(undefined, new Map([['whole', [one]]]));
    after.settle([flagged(one, true)]);
    expect(after.take()).toEqual([]);
  });
});
