import { describe, expect, it } from 'vitest';
import { DriftGauge } from './drift-gauge';

describe('DriftGauge', () => {
  it('says nothing before it has seen enough', () => {
    const gauge = new DriftGauge();
    for (let window = 0; window < 499; window++) gauge.enter(false);
    expect(gauge.share).toBeUndefined();
  });

  it('goes on from a snapshot', () => {
    const gauge = new DriftGauge();
    for (let window = 0; window < 700; window++) gauge.enter(window % 7 === 0);
    const other = DriftGauge.restore(gauge.snapshot());
    expect(other.share).toBe(gauge.share);
    for (let window = 0; window < 300; window++) {
      for (const one of [gauge, other]) one.enter(window % 2 === 0);
      expect(other.share).toBe(gauge.share);
    }
  });

  it('follows the last windows only', () => {
    const gauge = new DriftGauge();
    for (let window = 0; window < 500; window++) gauge.enter(window % 20 === 0);
    expect(gauge.share).toBe(0.05);
    for (let window = 0; window < 250; window++) gauge.enter(true);
    expect(gauge.share).toBeCloseTo(0.526, 2);
    for (let window = 0; window < 500; window++) gauge.enter(false);
    expect(gauge.share).toBe(0);
  });
});
