import { describe, expect, it } from 'vitest';
import { ContextRing } from './context-ring';

describe('ContextRing', () => {
  const line = (at: number) => ({
    offset: at,
    timestampMs: at,
    service: 'cart',
    level: 'info' as const,
    raw: `raw ${at}`,
  });

  it('gives the nearest lines that are not part of the window, in order of arrival', () => {
    const ring = new ContextRing(10);
    for (const at of [1, 2, 3, 4, 5]) ring.add(line(at));
    const around = ring.around(new Set([3]), 3, 3);
    expect(around.map(({ at }) => at)).toEqual([1, 2, 4]);
  });

  it('forgets the oldest line when it is full', () => {
    const ring = new ContextRing(2);
    for (const at of [1, 2, 3]) ring.add(line(at));
    expect(ring.around(new Set(), 0, 10).map(({ at }) => at)).toEqual([2, 3]);
  });

  it('keeps nothing when it has no room', () => {
    const ring = new ContextRing(0);
    ring.add(line(1));
    expect(ring.around(new Set(), 0, 10)).toEqual([]);
  });
});
