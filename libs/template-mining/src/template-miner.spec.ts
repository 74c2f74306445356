import { describe, expect, it } from 'vitest';
import { SnapshotFailure } from './snapshot-failure';
import { TemplateMiner } from './template-miner';

describe('TemplateMiner', () => {
  it('finds what lines have in common', () => {
    const miner = new TemplateMiner({ masks: [] });
    expect(miner.learn('user anna logged in')).toMatchObject({ clusterId: 1, change: 'created' });
    expect(miner.learn('user bert logged in')).toEqual({
      clusterId: 1,
      change: 'changed',
      template: 'user <*> logged in',
      size: 2,
      clusterCount: 1,
    });
    expect(miner.learn('user cleo logged in').change).toBe('none');
  });

  it('reads parameters by position, typed by mask', () => {
    const miner = new TemplateMiner();
    miner.learn('user anna from 10.0.0.1:80 took 12');
    miner.learn('user bert from 10.0.0.2:80 took 13');
    const match = miner.match('user  cleo\tfrom 192.168.7.9:8080 took 14');
    expect(match?.template).toBe('user <*> from <ENDPOINT> took <NUM>');
    expect(match?.parameters).toEqual([
      { value: 'cleo', mask: '*' },
      { value: '192.168.7.9:8080', mask: 'ENDPOINT' },
      { value: '14', mask: 'NUM' },
    ]);
  });

  it('gives the same answers after a trip through JSON', () => {
    const miner = new TemplateMiner({ maxClusters: 3 });
    const lines = ['a b c', 'a b d', 'x y z', 'p q', '', 'r s t u'];
    for (const line of lines) miner.learn(line);
    const restored = TemplateMiner.restore(JSON.parse(JSON.stringify(miner.snapshot())));
    for (const line of [...lines, 'x y w', 'n e w']) {
      expect(restored.learn(line)).toEqual(miner.learn(line));
    }
    expect(restored.templates()).toEqual(miner.templates());
  });

  it('refuses an altered snapshot', () => {
    const snapshot = new TemplateMiner().snapshot();
    expect(() => TemplateMiner.restore({ ...snapshot, checksum: '0' })).toThrow(SnapshotFailure);
    expect(() => TemplateMiner.restore({ ...snapshot, version: 2 })).toThrow('version 2');
    expect(() => TemplateMiner.restore('nonsense')).toThrow(SnapshotFailure);
  });

  it.each([
    ['nothing', ''],
    ['blanks', ' \t '],
    ['a lone surrogate', 'a \ud800 b'],
    ['a NUL', 'a \0 b'],
    ['the wildcard itself', '<*> <NUM> <*>'],
    ['names of the object prototype', '__proto__ constructor toString'],
    ['a megabyte', 'x'.repeat(1_000_000)],
    ['a hundred thousand tokens', 'ab 1 '.repeat(50_000)],
  ])('bears %s', (_case, line) => {
    const miner = new TemplateMiner();
    expect(miner.match(line)).toBeUndefined();
    expect(miner.learn(line).change).toBe('created');
    expect(miner.match(line)?.clusterId).toBe(1);
    expect(miner.match(line)?.parameters).toBeDefined();
  });
});
