import { describe, expect, it } from 'vitest';
import { DriftGauge } from './drift-gauge';

describe('DriftGauge', () => {
  it('says nothing before it has seen enough', () => {
    const gauge = new DriftGauge();
    for (let window = 0; window < 499; window++) gauge.enter(0.5);
    expect(gauge.lowShare).toBeUndefined();
  });

  it('follows the last windows only', () => {
    const gauge = new DriftGauge();
    for (let window = 0; window < 500; window++) gauge.enter(window % 20 === 0 ? 0.01 : 0.5);
    expect(gauge.lowShare).toBe(0.05);
    for (let window = 0; window < 250; window++) gauge.enter(0.001);
    expect(gauge.lowShare).toBeCloseTo(0.526, 2);
    for (let window = 0; window < 500; window++) gauge.enter(0.9);
    expect(gauge.lowShare).toBe(0);
  });
});
