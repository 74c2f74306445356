import { describe, expect, it } from 'vitest';
import { buildAnomaly, buildLine } from '../../testing/samples';
import { tell, type ToldLine } from './told-lines';

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
