import { describe, expect, it } from 'vitest';
import { figuresOf } from './evidence-figures';

describe('figuresOf', () => {
  it('reads the unit from the name', () => {
    const figures = {
      lift: 212.4,
      presentShare: 0.992,
      leadMs: 1_400,
      baselineCount: 2,
      kl: 0.813,
      pValue: 1e-128,
    };
    expect(figuresOf(figures)).toEqual([
      { name: 'lift', value: '× 212' },
      { name: 'present share', value: '99.2 %' },
      { name: 'lead', value: '1.4 s' },
      { name: 'baseline count', value: '2' },
      { name: 'kl', value: '0.813' },
      { name: 'p', value: '10⁻¹²⁸' },
    ]);
  });
});
