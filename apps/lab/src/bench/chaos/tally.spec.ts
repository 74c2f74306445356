import { TEMPLATE_BUCKET_MS } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { originOf } from './line-counts';
import { isClean, type Outcome, strangersOf, tallyOf } from './tally';

const START_MS = Date.UTC(2030, 0, 1);
const cell = (service: string, bucket: number, templateId: string, lines: number) => ({
  ...{ service, templateId, lines },
  bucketMs: START_MS + bucket * TEMPLATE_BUCKET_MS,
});
const COUNTED = [
  cell('cart', 0, 'loaded', 30),
  cell('cart', 0, 'missed', 20),
  cell('cart', 1, 'loaded', 30),
  cell('payment', 0, 'charged', 20),
];
/** The same with more or fewer lines in some places. */
const counted = (...more: readonly number[]) =>
  COUNTED.map((one, place) => ({ ...one, lines: one.lines + (more[place] ?? 0) }));

const WHOLE = { lineCount: 1, firstLine: 'one', state: 'closed', isEarly: false } as const;

const OUTCOME: Outcome = {
  sent: new Map([
    [originOf('cart', START_MS + 5), 50],
    [originOf('cart', START_MS + TEMPLATE_BUCKET_MS), 30],
    [originOf('payment', START_MS), 20],
  ]),
  counted: COUNTED,
  anomalies: [
    { id: 'a', pValue: 0.001, lines: 'x', ...WHOLE, verdict: 'immediate', settledPValue: null },
    { id: 'b', pValue: 0.002, lines: 'y', ...WHOLE, verdict: 'retracted', settledPValue: 0.4 },
  ],
  published: new Map([
    [1, 'a'],
    [2, 'b'],
    [3, 'b finally'],
  ]),
  deadLetters: 0,
};

describe('tallyOf', () => {
  it('is clean when nothing differs', () => {
    expect(isClean(tallyOf(OUTCOME, OUTCOME))).toBe(true);
  });

  it.each<[string, Partial<Outcome>, object]>([
    ['a lost line', { counted: counted(-1) }, { linesLost: 1, linesDuplicated: 0 }],
    ['a line that counts twice', { counted: counted(0, 1) }, { linesLost: 0, linesDuplicated: 1 }],
    [
      'a lost line and one of another time that counts twice',
      { counted: counted(-2, 0, 2) },
      { linesLost: 2, linesDuplicated: 2 },
    ],
    [
      'a lost line and one of another service that counts twice',
      { counted: counted(-3, 0, 0, 3) },
      { linesLost: 3, linesDuplicated: 3 },
    ],
    [
      'a lost line and one of another template that counts twice',
      { counted: counted(-1, 1) },
      { linesLost: 1, linesDuplicated: 1 },
    ],
    [
      'lines that nobody sent',
      { counted: [...COUNTED, cell('cart', 9, 'x', 4)] },
      { linesDuplicated: 4 },
    ],
    ['lines that nobody counted', { counted: COUNTED.slice(1) }, { linesLost: 30 }],
    [
      'a lost anomaly',
      { anomalies: OUTCOME.anomalies.slice(1) },
      { anomaliesLost: 1, anomaliesUnexpected: 0 },
    ],
    [
      'one anomaly too many',
      {
        anomalies: [
          ...OUTCOME.anomalies,
          { id: 'c', pValue: 0, lines: '', ...WHOLE, verdict: 'immediate', settledPValue: null },
        ],
      },
      { anomaliesUnexpected: 1 },
    ],
    [
      'another score',
      { anomalies: OUTCOME.anomalies.map((anomaly) => ({ ...anomaly, pValue: 0.5 })) },
      { scoresChanged: 2 },
    ],
    [
      'other lines',
      { anomalies: OUTCOME.anomalies.map((anomaly) => ({ ...anomaly, lines: 'z' })) },
      { scoresChanged: 2 },
    ],
    [
      'another final verdict',
      { anomalies: OUTCOME.anomalies.map((one) => ({ ...one, settledPValue: 0.3 })) },
      { verdictsChanged: 2, scoresChanged: 0 },
    ],
    ['an anomaly nobody was told of', { published: new Map([[1, 'a']]) }, { notPublished: 2 }],
    [
      'an anomaly that was told twice',
      { published: new Map([...OUTCOME.published, [4, 'b']]) },
      { publishedTwice: 1 },
    ],
    ['a dead letter', { deadLetters: 1 }, { deadLetters: 1 }],
  ])('counts %s', (_case, change, expected) => {
    const tally = tallyOf(OUTCOME, { ...OUTCOME, ...change });
    expect(tally).toMatchObject(expected);
    expect(isClean(tally)).toBe(false);
  });

  it('compares a run that nothing happened to with what was sent', () => {
    const one = { ...OUTCOME, counted: counted(-1, 0, 1) };
    expect(tallyOf(one, one)).toMatchObject({ lines: 100, linesLost: 1, linesDuplicated: 1 });
  });

  it('expects a word of its own when a session is closed that was flagged while it was open', () => {
    const early = { ...WHOLE, isEarly: true, verdict: 'confirmed', settledPValue: 0 } as const;
    const anomalies = [{ id: 'a', pValue: 0.001, lines: 'x', ...early }];
    const told = (...names: string[]) => ({
      ...OUTCOME,
      anomalies,
      published: new Map(names.map((name, index) => [index, name])),
    });
    const whole = told('a', 'a closed', 'a finally');
    expect(isClean(tallyOf(whole, whole))).toBe(true);
    expect(tallyOf(whole, told('a', 'a finally'))).toMatchObject({ notPublished: 1 });
    expect(tallyOf(whole, told('a', 'a', 'a closed', 'a finally'))).toMatchObject({
      publishedTwice: 1,
    });
  });
});

describe('strangersOf', () => {
  it('names what only one of the runs found', () => {
    const fewer = { ...OUTCOME, anomalies: OUTCOME.anomalies.slice(1) };
    expect(strangersOf(OUTCOME, OUTCOME)).toEqual([]);
    expect(strangersOf(OUTCOME, fewer)).toEqual(['lost: a, p 0.001, 1 lines from one']);
    expect(strangersOf(fewer, OUTCOME)).toEqual(['too many: a, p 0.001, 1 lines from one']);
  });
});
