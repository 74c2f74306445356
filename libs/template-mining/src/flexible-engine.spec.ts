import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TemplateMiner } from './template-miner';

const flexible = (settings = {}): TemplateMiner =>
  new TemplateMiner({ engine: 'flexible', ...settings });

describe('the flexible engine', () => {
  it('reads parameters by place, typed by mask', () => {
    const miner = flexible();
    miner.learn('user=anna from 10.0.0.1 asks for [blk_1, blk_2] in task_17 ()');
    miner.learn('user= from 10.0.0.1 asks for [blk_1] in task_3 (again)');
    const match = miner.match(
      'user=bert from 10.0.0.9 asks for [blk_7, blk_8, blk_9] in task_5 (x)',
    );

    expect(match?.template).toBe('user=<*> from <IP> asks for [<*>] in task_<NUM> (<*>)');
    expect(match?.parameters).toEqual([
      { value: 'bert', mask: '*' },
      { value: '10.0.0.9', mask: 'IP' },
      { value: 'blk_7, blk_8, blk_9', mask: '*' },
      { value: '5', mask: 'NUM' },
      { value: 'x', mask: '*' },
    ]);
  });

  it('types the members of a list that is always written alike', () => {
    const miner = flexible();
    miner.learn('range 10.0.0.1, 10');

    expect(miner.match('range 10.7.7.7, 77')?.parameters).toEqual([
      { value: '10.7.7.7', mask: 'IP' },
      { value: '77', mask: 'NUM' },
    ]);
  });

  it('extracts the parameters of a template that is given', () => {
    const miner = flexible();

    expect(miner.extractParameters('job <*> took <DURATION>', 'job nightly took 12 ms')).toEqual([
      { value: 'nightly', mask: '*' },
      { value: '12 ms', mask: 'DURATION' },
    ]);
    expect(miner.extractParameters('job <*> took <DURATION>', 'task nightly took 12 ms')).toBe(
      undefined,
    );
  });

  it('honours delimiters, mask prefixes and names of one’s own', () => {
    const miner = flexible({
      masks: [{ name: 'a$b', pattern: '[0-9]+' }],
      maskPrefix: '{{',
      maskSuffix: '}}',
      extraDelimiters: ['_'],
    });
    miner.learn('task_12_done');

    expect(miner.templates()[0]?.template).toBe('task {{a$b}} done');
    expect(miner.match('task_99_done')?.parameters).toEqual([{ value: '99', mask: 'a$b' }]);
  });

  it('survives a restart', () => {
    const miner = flexible({ maxClusters: 100, quarantine: undefined });
    const lines = ['a b 1', 'a c 2', 'x = y', 'login () user=', '\ud800 lone', 'a "b" 3'];
    for (const line of lines) miner.learn(line);
    const other = TemplateMiner.restore(JSON.parse(JSON.stringify(miner.snapshot())));

    expect(other.templates()).toEqual(miner.templates());
    for (const line of lines) expect(other.learn(line)).toEqual(miner.learn(line));
  });

  it.each([
    ['nothing', ''],
    ['blanks', ' \t\u00a0\u2003 '],
    ['one word', 'word'],
    ['a megabyte', 'x'.repeat(1_048_576)],
    ['a megabyte of marks', '=('.repeat(524_288)],
    ['100,000 words', 'w '.repeat(100_000)],
    ['100,000 different words', Array.from({ length: 100_000 }, (_, at) => `w${at}`).join(' ')],
    ['lone surrogates', '\ud800 \udc00 a\ud83d'],
    ['NUL bytes', '\u0000 a\u0000b'],
    ['wildcards of its own', '<*> a <*><*> <NUM> <'],
    ['names of prototypes', '__proto__ constructor hasOwnProperty toString'],
  ])('takes %s', (_, line) => {
    const miner = flexible();
    const { clusterId } = miner.learn(line);

    expect(miner.match(line)?.clusterId).toBe(clusterId);
    expect(miner.match(line)?.parameters).toBeInstanceOf(Array);
    expect(miner.heldBytes).toBeLessThan(200_000);
  });

  it('stays within its bytes', () => {
    const miner = flexible({ maxBytes: 65_536 });
    for (let line = 0; line < 5_000; line++) {
      miner.learn(Array.from({ length: 8 }, (_, at) => `${line.toString(36)}x${at}`).join(' '));
    }

    expect(miner.heldBytes).toBeLessThanOrEqual(65_536);
    expect(miner.templates().length).toBeGreaterThan(1);
  });

  it('never throws, and finds again what it has learned', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 60 })), (lines) => {
        const miner = flexible();
        for (const line of lines) miner.learn(line);
        for (const line of lines) expect(miner.match(line)?.parameters).toBeInstanceOf(Array);
      }),
    );
  });
});
