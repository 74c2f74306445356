import { describe, expect, it } from 'vitest';
import type { MinerSettings } from './miner-settings';
import { TemplateMiner } from './template-miner';

type Learned = readonly [clusterId: number, change: string, size: number, template: string];
type Matched = readonly [never: number, fallback: number, always: number];
type Parameters = readonly (readonly [value: string, mask: string])[];
/** Parameters are null where drain3 gives none although the line has a template. */
type Answered = readonly [
  line: string,
  learned: Learned,
  matched: Matched,
  parameters: Parameters | null,
];

/** What drain3 0.9.11 answered, one line after the other with default settings; matched when all had been learned. */
const ANSWERS: readonly (readonly [
  name: string,
  settings: Partial<MinerSettings>,
  answers: readonly Answered[],
])[] = [
  [
    'empty lines',
    { masks: [] },
    [
      ['', [1, 'created', 1, ''], [1, 1, 1], []],
      [' ', [1, 'none', 2, ''], [1, 1, 1], null],
      ['\t\n', [1, 'none', 3, ''], [1, 1, 1], null],
      ['\u001c', [1, 'none', 4, ''], [1, 1, 1], null],
      ['a', [2, 'created', 1, 'a'], [2, 2, 2], []],
      ['', [1, 'none', 5, ''], [1, 1, 1], []],
    ],
  ],
  [
    'one-token lines',
    { masks: [] },
    [
      ['a', [1, 'created', 1, 'a'], [5, 5, 5], [['a', '*']]],
      ['b', [2, 'created', 1, 'b'], [5, 5, 5], [['b', '*']]],
      ['a', [1, 'none', 2, 'a'], [5, 5, 5], [['a', '*']]],
      ['1', [3, 'created', 1, '1'], [5, 5, 5], [['1', '*']]],
      ['2', [4, 'created', 1, '2'], [5, 5, 5], [['2', '*']]],
      ['<*>', [5, 'created', 1, '<*>'], [5, 5, 5], [['<*>', '*']]],
    ],
  ],
  [
    'unicode white space',
    { masks: [] },
    [
      ['a\u00a0b', [1, 'created', 1, 'a b'], [1, 1, 1], [['b', '*']]],
      ['a\u2003c', [1, 'changed', 2, 'a <*>'], [1, 1, 1], [['c', '*']]],
      ['a\u3000d', [1, 'none', 3, 'a <*>'], [1, 1, 1], [['d', '*']]],
      ['a\u200be', [2, 'created', 1, 'a\u200be'], [2, 2, 2], []],
      ['a\ufeffb', [3, 'created', 1, 'a\ufeffb'], [3, 3, 3], []],
      ['a\u0085b', [1, 'none', 4, 'a <*>'], [1, 1, 1], [['b', '*']]],
      ['a\u001fb', [1, 'none', 5, 'a <*>'], [1, 1, 1], [['b', '*']]],
      ['a\u180eb', [4, 'created', 1, 'a\u180eb'], [4, 4, 4], []],
      ['a\u2028z', [1, 'none', 6, 'a <*>'], [1, 1, 1], [['z', '*']]],
    ],
  ],
  [
    'lone surrogates',
    { masks: [] },
    [
      ['a \ud800 b', [1, 'created', 1, 'a \ud800 b'], [1, 1, 1], [['\ud800', '*']]],
      ['a \udfff b', [1, 'changed', 2, 'a <*> b'], [1, 1, 1], [['\udfff', '*']]],
      ['\ud800', [2, 'created', 1, '\ud800'], [2, 2, 2], []],
      ['a \ud83d\ude00 b', [1, 'none', 3, 'a <*> b'], [1, 1, 1], [['\ud83d\ude00', '*']]],
    ],
  ],
  [
    'NUL',
    { masks: [] },
    [
      ['a \u0000 b', [1, 'created', 1, 'a \u0000 b'], [1, 1, 1], [['b', '*']]],
      ['a \u0000 c', [1, 'changed', 2, 'a \u0000 <*>'], [1, 1, 1], [['c', '*']]],
      ['\u0000', [2, 'created', 1, '\u0000'], [2, 2, 2], []],
      ['a\u0000b c', [3, 'created', 1, 'a\u0000b c'], [3, 3, 3], []],
    ],
  ],
  [
    'wildcards in the line',
    { masks: [] },
    [
      [
        '<*> <*> <*>',
        [1, 'created', 1, '<*> <*> <*>'],
        [1, 1, 1],
        [
          ['<*>', '*'],
          ['<*>', '*'],
          ['<*>', '*'],
        ],
      ],
      ['a <*> c', [2, 'created', 1, 'a <*> c'], [2, 2, 1], [['<*>', '*']]],
      ['a b c', [2, 'none', 2, 'a <*> c'], [2, 2, 1], [['b', '*']]],
      ['<*>', [3, 'created', 1, '<*>'], [3, 3, 3], [['<*>', '*']]],
      ['<*> x', [4, 'created', 1, '<*> x'], [4, 4, 4], [['<*>', '*']]],
      ['y x', [4, 'none', 2, '<*> x'], [4, 4, 4], [['y', '*']]],
      ['x <NUM> <*> <...>', [5, 'created', 1, 'x <NUM> <*> <...>'], [5, 5, 5], [['<*>', '*']]],
    ],
  ],
  [
    'names of the object prototype',
    { masks: [] },
    [
      [
        '__proto__ constructor toString',
        [1, 'created', 1, '__proto__ constructor toString'],
        [1, 1, 1],
        [['constructor', '*']],
      ],
      [
        '__proto__ hasOwnProperty toString',
        [1, 'changed', 2, '__proto__ <*> toString'],
        [1, 1, 1],
        [['hasOwnProperty', '*']],
      ],
      ['constructor', [2, 'created', 1, 'constructor'], [2, 2, 2], []],
      ['__proto__', [3, 'created', 1, '__proto__'], [3, 3, 3], []],
      ['hasOwnProperty valueOf', [4, 'created', 1, 'hasOwnProperty valueOf'], [4, 4, 4], []],
      ['__proto__ valueOf', [5, 'created', 1, '__proto__ valueOf'], [5, 5, 5], []],
      ['__proto__ 1 2 3', [6, 'created', 1, '__proto__ 1 2 3'], [6, 6, 6], []],
    ],
  ],
  [
    'digits of other scripts',
    { masks: [] },
    [
      ['\u0661 b c', [1, 'created', 1, '\u0661 b c'], [1, 1, 1], [['\u0661', '*']]],
      ['\u0662 b c', [1, 'changed', 2, '<*> b c'], [1, 1, 1], [['\u0662', '*']]],
      ['\u00bd b c', [1, 'none', 3, '<*> b c'], [1, 1, 1], [['\u00bd', '*']]],
      ['\u2461 b c', [1, 'none', 4, '<*> b c'], [1, 1, 1], [['\u2461', '*']]],
      ['\u00b2 b c', [1, 'none', 5, '<*> b c'], [1, 1, 1], [['\u00b2', '*']]],
      ['a b c', [1, 'none', 6, '<*> b c'], [1, 1, 1], [['a', '*']]],
      ['\ud835\udfd9 b c', [1, 'none', 7, '<*> b c'], [1, 1, 1], [['\ud835\udfd9', '*']]],
    ],
  ],
  [
    'special mask names',
    {
      masks: [
        { name: '$&', pattern: 'order-\\d+' },
        { name: "$1$'", pattern: 'item\\d+' },
        { name: 'a b', pattern: 'two\\d' },
        { name: '<>', pattern: 'pp\\d' },
        { name: '', pattern: 'void\\d' },
        { name: '*', pattern: 'st\\d' },
      ],
      maskPrefix: '<:',
      maskSuffix: ':>',
    },
    [
      [
        'order-1 of item2 is two3 pp4 void5 st6',
        [1, 'created', 1, "<:$&:> of <:$1$':> is <:a b:> <:<>:> <::> <:*:>"],
        [1, 1, 1],
        [
          ['order-1', '$&'],
          ['item2', "$1$'"],
          ['two3', 'a b'],
          ['pp4', '<>'],
          ['void5', ''],
          ['st6', '*'],
        ],
      ],
      [
        'order-2 of item9 is two4 pp5 void6 st7',
        [1, 'none', 2, "<:$&:> of <:$1$':> is <:a b:> <:<>:> <::> <:*:>"],
        [1, 1, 1],
        [
          ['order-2', '$&'],
          ['item9', "$1$'"],
          ['two4', 'a b'],
          ['pp5', '<>'],
          ['void6', ''],
          ['st7', '*'],
        ],
      ],
      [
        'order-2 of item9 is here',
        [2, 'created', 1, "<:$&:> of <:$1$':> is here"],
        [2, 2, 2],
        [
          ['order-2', '$&'],
          ['item9', "$1$'"],
        ],
      ],
      ['x two3 y', [3, 'created', 1, 'x <:a b:> y'], [3, 3, 3], [['two3', 'a b']]],
    ],
  ],
  [
    'masks across tokens',
    {
      masks: [
        { name: 'SEQ', pattern: '([0-9a-f]{6,} ?){3,}', isTrusted: true },
        { name: 'Q', pattern: '".+?"' },
      ],
    },
    [
      [
        'id aaaaaa bbbbbb cccccc end',
        [1, 'created', 1, 'id <SEQ>end'],
        [1, 1, 1],
        [['aaaaaa bbbbbb cccccc ', 'SEQ']],
      ],
      [
        'id aaaaaa bbbbbb cccccc dddddd end',
        [1, 'none', 2, 'id <SEQ>end'],
        [1, 1, 1],
        [['aaaaaa bbbbbb cccccc dddddd ', 'SEQ']],
      ],
      [
        'say "one two" now',
        [2, 'created', 1, 'say <Q> now'],
        [2, 2, 2],
        [
          ['"one two"', 'Q'],
          ['now', '*'],
        ],
      ],
      [
        'say "three" now',
        [2, 'none', 2, 'say <Q> now'],
        [2, 2, 2],
        [
          ['"three"', 'Q'],
          ['now', '*'],
        ],
      ],
      [
        'say "a b c" then',
        [2, 'changed', 3, 'say <Q> <*>'],
        [2, 2, 2],
        [
          ['"a b c"', 'Q'],
          ['then', '*'],
        ],
      ],
    ],
  ],
  [
    'delimiters',
    { masks: [], extraDelimiters: ['_', '::'] },
    [
      ['job_one::start now', [1, 'created', 1, 'job one start now'], [1, 1, 1], [['one', '*']]],
      ['job_two::start now', [1, 'changed', 2, 'job <*> start now'], [1, 1, 1], [['two', '*']]],
      ['a__b', [2, 'created', 1, 'a b'], [2, 2, 2], [['b', '*']]],
      ['_', [3, 'created', 1, ''], [3, 3, 3], null],
      ['::_', [3, 'none', 2, ''], [3, 3, 3], null],
      ['a:::b', [2, 'changed', 2, 'a <*>'], [2, 2, 2], [[':b', '*']]],
    ],
  ],
  [
    'overlapping delimiters',
    { masks: [], extraDelimiters: ['bc', 'ab'] },
    [
      ['xabc y', [1, 'created', 1, 'xa y'], [1, 1, 1], []],
      ['abc', [2, 'created', 1, 'a'], [2, 2, 2], null],
      ['abab', [3, 'created', 1, ''], [3, 3, 3], null],
      ['bcab z', [4, 'created', 1, 'z'], [4, 4, 4], null],
    ],
  ],
  [
    'delimiters of delimiters',
    { masks: [], extraDelimiters: ['x', ' y'] },
    [
      ['axy', [1, 'created', 1, 'a'], [1, 1, 1], null],
      ['axyb c', [2, 'created', 1, 'a b c'], [2, 2, 2], []],
      ['a y b', [3, 'created', 1, 'a b'], [3, 3, 3], []],
    ],
  ],
  [
    'astral',
    { masks: [] },
    [
      [
        '\ud83d\ude00 \ud83d\ude01 a',
        [1, 'created', 1, '\ud83d\ude00 \ud83d\ude01 a'],
        [1, 1, 1],
        [['\ud83d\ude01', '*']],
      ],
      [
        '\ud83d\ude00 \ud83d\ude02 a',
        [1, 'changed', 2, '\ud83d\ude00 <*> a'],
        [1, 1, 1],
        [['\ud83d\ude02', '*']],
      ],
      [
        '\ud83d\ude00\ud83d\ude00 b',
        [2, 'created', 1, '\ud83d\ude00\ud83d\ude00 b'],
        [2, 2, 2],
        [],
      ],
    ],
  ],
];

describe('bad input', () => {
  const build = (settings: Partial<MinerSettings>): TemplateMiner =>
    new TemplateMiner({ engine: 'drain', depth: 4, similarity: 0.4, ...settings });

  it.each(ANSWERS)('gets the answers of drain3: %s', (_name, settings, answers) => {
    const miner = build(settings);
    for (const [line, learned] of answers) {
      const { clusterId, change, size, template } = miner.learn(line);
      expect([clusterId, change, size, template]).toEqual(learned);
    }
    for (const [line, , matched, parameters] of answers) {
      const found = (['never', 'fallback', 'always'] as const).map(
        (strategy) => miner.match(line, strategy)?.clusterId,
      );
      expect(found).toEqual(matched);
      const ours = miner.match(line)?.parameters.map(({ value, mask }) => [value, mask]);
      if (parameters) expect(ours).toEqual(parameters);
      else expect(ours).toBeDefined();
    }
  });
});
