import { describe, expect, it } from 'vitest';
import { buildAnomaly, buildLine } from '../../testing/samples';
import { tell, tellOddestFirst, type ToldLine } from './told-lines';

const surroundings = (...times: number[]) =>
  times.map((at) => ({ at, service: 'cart', level: 'info', raw: `cart ${at}` }));
const shape = (told: readonly ToldLine[]) =>
  told.map((entry) =>
    entry.kind === 'gap' ? `…${entry.hidden}` : `${entry.kind[0]}${entry.line.at}`,
  );

describe('tell', () => {
  it('puts the surroundings between the lines of the window by time', () => {
    const anomaly = buildAnomaly(
      [buildLine({ at: 10, isAbnormal: true }), buildLine({ at: 30 })],
      surroundings(5, 20, 40),
    );
    expect(shape(tell(anomaly, true))).toEqual(['c5', 'w10', 'c20', 'w30', 'c40']);
  });

  it('keeps the order of the window where clocks disagree', () => {
    const anomaly = buildAnomaly([buildLine({ at: 30 }), buildLine({ at: 10 })], surroundings(20));
    expect(shape(tell(anomaly, true))).toEqual(['c20', 'w30', 'w10']);
  });

  it('folds what is far from every abnormal line, and says how much it is', () => {
    const anomaly = buildAnomaly(
      [buildLine({ at: 1 }), buildLine({ at: 100, isAbnormal: true })],
      surroundings(10, 20, 30, 40, 50, 60, 70),
    );
    expect(shape(tell(anomaly, false))).toEqual(['w1', '…4', 'c50', 'c60', 'c70', 'w100']);
  });

  it('shows a single line rather than a gap of one', () => {
    const anomaly = buildAnomaly(
      [buildLine({ at: 100, isAbnormal: true })],
      surroundings(10, 20, 30, 40),
    );
    expect(shape(tell(anomaly, false))).toEqual(['c10', 'c20', 'c30', 'c40', 'w100']);
  });

  it('is empty for an anomaly without lines', () => {
    expect(tell(buildAnomaly([], []), false)).toEqual([]);
  });
});

describe('tellOddestFirst', () => {
  it('tells what made the window odd before the rest, each by surprise, and lines without a template first', () => {
    const anomaly = buildAnomaly(
      [
        buildLine({ at: 1, surprise: 0.1 }),
        buildLine({ at: 2, surprise: 4, isAbnormal: true }),
        buildLine({ at: 3, surprise: 6 }),
        buildLine({ at: 4, surprise: 8, isAbnormal: true }),
        buildLine({ at: 5, surprise: null, isNovel: true, isAbnormal: true }),
        buildLine({ at: 6, surprise: null }),
      ],
      surroundings(2, 7),
    );
    expect(shape(tellOddestFirst(anomaly))).toEqual(['w5', 'w4', 'w2', 'w3', 'w1', 'w6']);
  });

  it('keeps the order of time among lines of equal oddity', () => {
    const novel = { surprise: null, isNovel: true, isAbnormal: true };
    const anomaly = buildAnomaly(
      [1, 2, 3].map((at) => buildLine({ at, ...novel })),
      [],
    );
    expect(shape(tellOddestFirst(anomaly))).toEqual(['w1', 'w2', 'w3']);
  });
});
