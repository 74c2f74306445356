import { describe, expect, it } from 'vitest';
import { findScoringLayer } from './scoring-layers';
import type { Parameter } from './trained-logbert';

const parameters: Readonly<Record<string, Parameter>> = {
  'layer0.attend.weight': { dims: [2, 6], data: Float32Array.from({ length: 12 }, (_, i) => i) },
  'layer0.attend.offset': { dims: [6], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
  'layer0.merge.weight': { dims: [2, 2], data: Float32Array.of(1, 10, 100, 1000) },
  'layer0.merge.offset': { dims: [2], data: Float32Array.of(0.5, 0.25) },
  'layer0.widen.weight': { dims: [2, 1], data: Float32Array.of(7, 8) },
  'layer0.widen.offset': { dims: [1], data: Float32Array.of(9) },
};
const find = (name: string) =>
  findScoringLayer(name, (parameter) => {
    const found = parameters[parameter];
    if (!found) throw new RangeError(parameter);
    return found;
  });

describe('findScoringLayer', () => {
  it('takes the three projections of attention apart', () => {
    expect(find('layer0.query')).toEqual({
      weight: { dims: [2, 2], data: Float32Array.of(0, 1, 6, 7) },
      offset: { dims: [2], data: Float32Array.of(1, 2) },
    });
    expect(find('layer0.key').weight.data).toEqual(Float32Array.of(2, 3, 8, 9));
    expect(find('layer0.value').weight.data).toEqual(Float32Array.of(4, 5, 10, 11));
  });

  it('leaves keys and values without an offset, and adds what values lack to the merging layer', () => {
    expect(find('layer0.key').offset).toBeUndefined();
    expect(find('layer0.value').offset).toBeUndefined();
    // [5, 6] · [[1, 10], [100, 1000]] + [0.5, 0.25]
    expect(find('layer0.merge').offset?.data).toEqual(Float32Array.of(605.5, 6050.25));
    expect(find('layer0.merge').weight).toBe(parameters['layer0.merge.weight']);
  });

  it('leaves every other layer as it was trained', () => {
    expect(find('layer0.widen')).toEqual({
      weight: parameters['layer0.widen.weight'],
      offset: parameters['layer0.widen.offset'],
    });
  });
});
