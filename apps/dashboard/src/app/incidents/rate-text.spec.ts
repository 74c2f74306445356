import { describe, expect, it } from 'vitest';
import { formatClock } from '../figures/figures';
import { describeRate } from './rate-text';

const rate = {
  templateId: 't',
  template: 'order <NUM> taken',
  service: 'desk',
  count: 37,
  expectedFrom: 2,
  expectedTo: 5,
  pValue: 1e-9,
};
const at = Date.UTC(2030, 0, 1, 10, 4);

describe('describeRate', () => {
  it('says how many came and how many were expected', () => {
    expect(describeRate(rate, at)).toBe(
      `37 in the minute from ${formatClock(at).slice(0, 5)}, 2 to 5 expected`,
    );
  });

  it('says that none came where the same number comes in every minute', () => {
    expect(describeRate({ ...rate, count: 0, expectedFrom: 6, expectedTo: 6 }, at)).toBe(
      `none in the minute from ${formatClock(at).slice(0, 5)}, 6 expected`,
    );
  });
});
