import { describe, expect, it } from 'vitest';
import { cellFor, ChannelCells } from './channel-cells';

/** Windows of 1 to 400 lines; the longer ones have the fewer keys. */
const windows = Array.from({ length: 400 }, (_, index) => ({
  length: index + 1,
  keys: 40 - Math.floor(index / 10),
  group: undefined,
}));

describe('ChannelCells', () => {
  const cells = ChannelCells.of(windows);
  const long = cells.cellsOf({ length: 400, keys: 2, group: undefined });
  const short = cells.cellsOf({ length: 5, keys: 40, group: undefined });

  it('compares windows of as many lines, and for rarity those of as many keys', () => {
    expect(cellFor('count-vector', long)).toBeGreaterThan(cellFor('count-vector', short));
    expect(cellFor('rarity', long)).toBeLessThan(cellFor('rarity', short));
  });

  it('knows every cell of a channel', () => {
    expect(cells.of('rarity').count).toBeGreaterThan(cellFor('rarity', short));
    expect(cells.of('ngram').count).toBeGreaterThan(cellFor('ngram', long));
  });

  it('is the same from a snapshot', () => {
    const restored = ChannelCells.restore(JSON.parse(JSON.stringify(cells.snapshot())));
    for (const window of windows) expect(restored.cellsOf(window)).toEqual(cells.cellsOf(window));
  });

  it('goes by lines in snapshots that have no cells of keys', () => {
    const restored = ChannelCells.restore({ cells: cells.snapshot().cells });
    const old = restored.cellsOf({ length: 400, keys: 2, group: undefined });
    expect(cellFor('rarity', old)).toBe(cellFor('ngram', old));
    expect(restored.of('rarity')).toBe(restored.of('ngram'));
  });
});
