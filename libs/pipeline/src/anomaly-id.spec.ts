import { describe, expect, it } from 'vitest';
import { anomalyId } from './anomaly-id';

describe('anomalyId', () => {
  it('names the same window the same each time', async () => {
    const first = await anomalyId('shop', 0, 'r-1', 17);
    expect(first).toMatch(/^[0-9a-f]{32}$/);
    expect(await anomalyId('shop', 0, 'r-1', 17)).toBe(first);
  });

  it.each([
    ['stream', anomalyId('shop2', 0, 'r-1', 17)],
    ['partition', anomalyId('shop', 1, 'r-1', 17)],
    ['window', anomalyId('shop', 0, 'r-2', 17)],
    ['position', anomalyId('shop', 0, 'r-1', 18)],
  ])('gives another %s another name', async (_what, other) => {
    expect(await other).not.toBe(await anomalyId('shop', 0, 'r-1', 17));
  });

  it('cannot be led astray by separators in a key', async () => {
    expect(await anomalyId('a', 0, 'b",0', 1)).not.toBe(await anomalyId('a', 0, 'b', 1));
  });
});
