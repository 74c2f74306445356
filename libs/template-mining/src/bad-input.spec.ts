import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MinerSettings } from './miner-settings';
import { TemplateMiner } from './template-miner';

const MEGABYTE = 'x'.repeat(1_000_000);
const MANY = 'ab 1 '.repeat(50_000);

/** What drain3 0.9.11 answered, one line after the other with default settings; of the templates, the lengths. */
const LONG_ANSWERS: readonly (readonly [
  line: string,
  learned: readonly [clusterId: number, change: string, size: number, length: number],
])[] = [
  [MEGABYTE, [1, 'created', 1, 1000000]],
  [MEGABYTE, [1, 'none', 2, 1000000]],
  [`${MEGABYTE} y`, [2, 'created', 1, 1000002]],
  [`${MEGABYTE} z`, [2, 'changed', 2, 1000004]],
  [MANY, [3, 'created', 1, 249999]],
  [MANY, [3, 'none', 2, 249999]],
  [`${MANY}c`, [4, 'created', 1, 250001]],
  ['ab 2 '.repeat(50_000), [3, 'changed', 3, 349999]],
];

describe('bad input', () => {
  const build = (settings: Partial<MinerSettings>): TemplateMiner =>
    new TemplateMiner({ engine: 'drain', depth: 4, similarity: 0.4, ...settings });

  it('gets the answers of drain3: lines of a million characters and of a hundred thousand tokens', () => {
    const miner = build({ masks: [] });
    for (const [line, learned] of LONG_ANSWERS) {
      const { clusterId, change, size, template } = miner.learn(line);
      expect([clusterId, change, size, template.length]).toEqual(learned);
    }
    for (const [line, [clusterId]] of LONG_ANSWERS) {
      for (const strategy of ['never', 'fallback', 'always'] as const) {
        expect(miner.match(line, strategy)?.clusterId).toBe(clusterId);
      }
      expect(miner.match(line)?.parameters).toBeDefined();
    }
  });

  it('takes a mask name with a backslash literally, at which drain3 fails with "bad escape"', () => {
    const miner = build({ masks: [{ name: '\\q\\1', pattern: '\\d+' }] });
    expect(miner.learn('x 12').template).toBe('x <\\q\\1>');
    expect(miner.match('x 3')?.parameters).toEqual([{ value: '3', mask: '\\q\\1' }]);
  });

  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 60 }),
    fc
      .array(
        fc.constantFrom(
          ...[
            '\0',
            '\ud800',
            '\udc00',
            '<*>',
            '<...>',
            '<NUM>',
            '__proto__',
            'constructor',
            '$&',
            '$1',
          ],
          ...[
            '10.0.0.1:80',
            ' ',
            '\t',
            '\u2028',
            '\u0085',
            '1',
            'a',
            '=',
            '/x/y',
            '::',
            '"',
            '[',
            ']',
            ',',
          ],
        ),
        { maxLength: 30 },
      )
      .map((parts) => parts.join('')),
  );
  const quarantine = { windowLines: 10, createdShare: 0.3, windows: 1, restLines: 10 };

  it.each<[string, Partial<MinerSettings>]>([
    ['as drain3', { engine: 'drain' }],
    [
      'as drain3 with limits',
      { engine: 'drain', maxClusters: 4, maxTokens: 3, maxBytes: 65_536, quarantine },
    ],
    ['as drain3 with delimiters', { engine: 'drain', extraDelimiters: ['=', 'a<', ' '], depth: 6 }],
    ['in the flexible way', { engine: 'flexible' }],
    [
      'in the flexible way with limits',
      { engine: 'flexible', maxClusters: 4, maxTokens: 8, maxBytes: 65_536, quarantine },
    ],
  ])('never throws, and finds what it has learned, %s', (_name, settings) => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 40 }), (lines) => {
        const miner = new TemplateMiner(settings);
        for (const line of lines) {
          miner.match(line);
          const { change, template } = miner.learn(line);
          const match = miner.match(line);
          if (change !== 'refused') expect(match).toBeDefined();
          for (const { value } of match?.parameters ?? []) expect(line).toContain(value);
          miner.extractParameters(template, line);
        }
        const copy = TemplateMiner.restore(JSON.parse(JSON.stringify(miner.snapshot())));
        expect(copy.templates()).toEqual(miner.templates());
      }),
      { numRuns: 300, seed: 3 },
    );
  });
});
