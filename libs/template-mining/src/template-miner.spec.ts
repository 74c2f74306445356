import { describe, expect, it } from 'vitest';
import { SnapshotFailure } from './snapshot-failure';
import { templateIdOf } from './template-id';
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
    expect(() => TemplateMiner.restore({ ...snapshot, version: 3 })).toThrow('version 3');
    expect(() => TemplateMiner.restore('nonsense')).toThrow(SnapshotFailure);
    let nested: unknown = [];
    for (let level = 0; level < 100_000; level++) nested = [nested];
    expect(() => TemplateMiner.restore({ ...snapshot, body: nested })).toThrow('nests too deeply');
    const { settings } = snapshot.body;
    const body = { ...snapshot.body, settings: { ...settings, depth: 1e9 } };
    const checksum = templateIdOf(JSON.stringify(body));
    expect(() => TemplateMiner.restore({ ...snapshot, body, checksum })).toThrow('settings.depth');
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

  it('refuses a mask that a line could make very slow, and says why', () => {
    expect(() => new TemplateMiner({ masks: [{ name: 'X', pattern: '(a+)+$' }] })).toThrow(
      expect.objectContaining({
        code: 'template-mining/settings',
        field: 'masks[0].pattern',
        reason: expect.stringContaining('exponentially'),
      }),
    );
    expect(() => new TemplateMiner({ masks: [{ name: 'X', pattern: '(' }] })).toThrow('masks[0]');
    expect(() => new TemplateMiner({ masks: [{ pattern: 'a' }] })).toThrow('masks[0].name');
    expect(() => new TemplateMiner({ depth: 2 })).toThrow('depth');
    expect(() => new TemplateMiner({ maxClusters: 0 })).toThrow('maxClusters');
    expect(() => new TemplateMiner({ similarity: NaN })).toThrow('similarity');
  });

  it('applies masks in order, the name taken literally', () => {
    const masks = [
      { name: '$&', pattern: 'order-\\d+' },
      { name: 'N', pattern: '\\d+' },
    ];
    const miner = new TemplateMiner({ masks, maskPrefix: '<:', maskSuffix: ':>' });
    expect(miner.mask('order-12 of 3')).toBe('<:$&:> of <:N:>');
    miner.learn('order-12 of 3');
    expect(miner.match('order-7 of 44')?.parameters).toEqual([
      { value: 'order-7', mask: '$&' },
      { value: '44', mask: 'N' },
    ]);
  });

  it('gives the text of the whole parameter when one mask covers another', () => {
    const masks = [
      { name: 'N', pattern: '\\d+' },
      { name: 'PAIR', pattern: '<N>:<N>' },
    ];
    const miner = new TemplateMiner({ masks });
    miner.learn('at 1:22 and 333');
    expect(miner.match('at 4:55 and 6')?.parameters).toEqual([
      { value: '4:55', mask: 'PAIR' },
      { value: '6', mask: 'N' },
    ]);
  });

  it('splits at extra delimiters and reads parameters between them', () => {
    const miner = new TemplateMiner({ masks: [], extraDelimiters: ['_', '::'], similarity: 0.4 });
    miner.learn('job_one::start now');
    miner.learn('job_two::start now');
    const match = miner.match('job_three::start now');
    expect(match?.template).toBe('job <*> start now');
    expect(match?.parameters).toEqual([{ value: 'three', mask: '*' }]);
  });

  it('finds beyond the branch of the first tokens only when asked to', () => {
    const miner = new TemplateMiner({ masks: [], depth: 4, similarity: 0.4 });
    miner.learn('alpha runs fast now');
    miner.learn('1x runs fast now');
    miner.learn('2x runs fast now');
    expect(miner.match('alpha2 runs fast now', 'never')?.template).toBe('<*> runs fast now');
    miner.learn('alpha walks away slowly');
    expect(miner.match('alpha runs fast now', 'always')?.template).toBe('<*> runs fast now');
    expect(miner.match('beta runs slow', 'fallback')).toBeUndefined();
  });

  it('changes nothing when it matches', () => {
    const miner = new TemplateMiner();
    for (const line of ['a b c', 'a b d', 'x 1 2']) miner.learn(line);
    const before = JSON.stringify(miner.snapshot());
    for (const line of ['a b e', 'never seen', '', 'x 3 4']) miner.match(line);
    expect(JSON.stringify(miner.snapshot())).toBe(before);
  });

  it('holds no more than its limit of clusters, tokens and branches, whatever comes', () => {
    const miner = new TemplateMiner({ masks: [], maxClusters: 50, depth: 6 });
    const word = (value: number) => (value >>> 0).toString(36).replace(/\d/g, 'z');
    for (let index = 0; index < 60_000; index++) {
      const words = [1, 2, 3, 4, 5].map((step) => word(Math.imul(index * 5 + step, 2654435761)));
      miner.learn(words.slice(0, 3 + (index % 3)).join(' '));
    }
    expect(miner.templates().length).toBe(50);
    expect(miner.tokenCount).toBeLessThan(25_000);
  });
});
