import { describe, expect, it } from 'vitest';
import { TemplateMiner } from './template-miner';

describe('the cap on tokens', () => {
  it('groups longer lines by their first tokens and keeps the rest as one wildcard', () => {
    const miner = new TemplateMiner({ engine: 'drain', masks: [], maxTokens: 3 });
    expect(miner.learn('dump of heap 1 2 3').template).toBe('dump of heap <...>');
    expect(miner.learn('dump of heap x')).toMatchObject({ clusterId: 1, change: 'none', size: 2 });
    expect(miner.learn('dump of heap')).toMatchObject({ clusterId: 2, template: 'dump of heap' });
  });

  it.each([[1], [2], [3], [4], [5]])('leaves a line of %i tokens to its length', (count) => {
    const words = ['a', 'b', 'c', 'd', 'e'].slice(0, count);
    const { template } = new TemplateMiner({ engine: 'drain', masks: [], maxTokens: 3 }).learn(
      words.join(' '),
    );
    expect(template).toBe(count <= 3 ? words.join(' ') : 'a b c <...>');
  });

  it('gives what is left of the line as its last parameter', () => {
    const miner = new TemplateMiner({
      engine: 'drain',
      maxTokens: 3,
      maskPrefix: '<:',
      maskSuffix: ':>',
    });
    miner.learn('user anna got 1 2 3');
    miner.learn('user bert got 4 5');
    const line = 'user  cleo got 10.0.0.1:80  now  12  ';
    const match = miner.match(line);
    expect(match?.template).toBe('user <:*:> got <:...:>');
    expect(match?.parameters).toEqual([
      { value: 'cleo', mask: '*' },
      { value: '10.0.0.1:80  now  12', mask: '...' },
    ]);
    expect(miner.extractParameters('user <:*:> got <:...:>', line)).toEqual(match?.parameters);
  });

  it('joins equal cut lines even when every token has to be equal', () => {
    const miner = new TemplateMiner({ engine: 'drain', masks: [], maxTokens: 2, similarity: 1 });
    expect(miner.learn('a b c').clusterId).toBe(miner.learn('a b d e f').clusterId);
  });

  it('makes no difference to lines that do not reach it', () => {
    const free = new TemplateMiner({ engine: 'drain' });
    const capped = new TemplateMiner({ engine: 'drain', maxTokens: 9, maxBytes: 1_000_000 });
    for (let index = 0; index < 200; index++) {
      const line = `job ${index % 7} of${' user x'.repeat(index % 3)} ended ${index}`;
      expect(capped.learn(line)).toEqual(free.learn(line));
    }
  });
});

describe('the cap on bytes', () => {
  const word = (value: number): string => (value >>> 0).toString(36).replace(/\d/g, 'z');
  const lineOf = (index: number, words: number): string =>
    Array.from({ length: words }, (_, step) =>
      word(Math.imul(index * words + step + 1, 2654435761)),
    ).join(' ');

  it('is never passed, whatever the lines are', () => {
    const maxBytes = 100_000;
    const miner = new TemplateMiner({ engine: 'drain', masks: [], maxBytes, depth: 6 });
    for (let index = 0; index < 5_000; index++) {
      const long = index % 50 === 0 ? 'x'.repeat(50_000) : '';
      miner.learn(lineOf(index, 1 + (index % 40)) + long);
      expect(miner.heldBytes).toBeLessThanOrEqual(maxBytes);
    }
    expect(miner.templates().length).toBeGreaterThan(10);
  });

  it('forgets the least recently used templates and their branches', () => {
    const miner = new TemplateMiner({ engine: 'drain', masks: [], maxBytes: 65_536 });
    const kept = miner.learn('the line that comes again and again');
    for (let index = 0; index < 3_000; index++) {
      miner.learn(lineOf(index, 8));
      expect(miner.learn('the line that comes again and again').clusterId).toBe(kept.clusterId);
    }
    expect(miner.templates().at(-1)?.size).toBe(3_001);
  });

  it('cuts a line that would take too much of it alone, and finds it again', () => {
    const miner = new TemplateMiner({ engine: 'drain', masks: [], maxBytes: 65_536 });
    const huge = `a ${'b'.repeat(200_000)} c`;
    expect(miner.learn(huge).template).toBe('a <...>');
    expect(miner.match(huge)?.parameters.map(({ value }) => value.length)).toEqual([200_002]);
    expect(miner.learn('x'.repeat(1_000_000)).template).toBe('<...>');
    expect(miner.learn('ab 1 '.repeat(50_000)).template).toMatch(/^ab 1 .* <\.\.\.>$/);
  });

  it('counts the same after a trip through JSON', () => {
    const miner = new TemplateMiner({
      engine: 'drain',
      masks: [],
      maxBytes: 65_536,
      maxTokens: 100,
    });
    for (let index = 0; index < 900; index++) miner.learn(lineOf(index % 300, 1 + (index % 20)));
    const restored = TemplateMiner.restore(JSON.parse(JSON.stringify(miner.snapshot())));
    expect(restored.heldBytes).toBe(miner.heldBytes);
    for (let index = 0; index < 900; index++) {
      const line = lineOf(index, 1 + (index % 20));
      expect(restored.learn(line)).toEqual(miner.learn(line));
    }
    expect(restored.heldBytes).toBe(miner.heldBytes);
  });
});
