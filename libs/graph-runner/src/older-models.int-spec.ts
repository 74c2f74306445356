import { readFileSync } from 'node:fs';
import {
  buildScoringModel,
  LogBertScorer,
  type Architecture,
  type Precision,
  type TrainedLogBert,
} from '@logbert/logbert';
import { describe, expect, it } from 'vitest';
import { openGraph } from './open-graph';

/** A network with its models of format 2, and what these said of some windows, ended and cut ones, one longer than the model. */
interface OlderModels {
  readonly architecture: Architecture;
  readonly parameters: Readonly<
    Record<string, { readonly dims: number[]; readonly data: number[] }>
  >;
  readonly centre: readonly number[];
  readonly unknownFloor: number;
  readonly windows: readonly (readonly number[])[];
  /** base64 */
  readonly models: Readonly<Record<Precision, string>>;
  readonly scores: Readonly<Record<Precision, readonly OlderScore[]>>;
}
interface OlderScore {
  readonly surprise: readonly number[];
  readonly entropy: readonly number[];
  readonly presence: readonly number[];
  readonly distance: number;
  readonly endSurprise: number | null;
  /** The likeliest token of each line. */
  readonly best: readonly number[];
}

const file = new URL('./model-format-2.fixture.json', import.meta.url);
const older = JSON.parse(readFileSync(file, 'utf8')) as OlderModels;

const trained: TrainedLogBert = {
  architecture: older.architecture,
  parameters: new Map(
    Object.entries(older.parameters).map(([name, { dims, data }]) => [
      name,
      { dims, data: Float32Array.from(data) },
    ]),
  ),
  centre: Float32Array.from(older.centre),
  unknownFloor: older.unknownFloor,
  history: [],
};

async function scoresOf(model: Uint8Array, batchSize: number): Promise<readonly OlderScore[]> {
  const options = { passes: 3, alternatives: 2, batchSize };
  const scorer = await LogBertScorer.open(model, openGraph, options);
  const scores = await scorer.score(older.windows.map((window) => Int32Array.from(window)));
  await scorer.close();
  return scores.map(({ surprise, entropy, presence, distance, endSurprise, alternatives }) => ({
    surprise: [...surprise],
    entropy: [...entropy],
    presence: [...(presence ?? [])],
    distance,
    endSurprise: endSurprise ?? null,
    best: Array.from(surprise, (_, line) => alternatives.at(line)?.[0]?.token ?? NaN),
  }));
}

/** Every number of the scores, in one order. */
function numbersIn(scores: readonly OlderScore[]): number[] {
  return scores.flatMap(({ surprise, entropy, presence, distance, endSurprise }) => [
    ...surprise,
    ...entropy,
    ...presence,
    distance,
    endSurprise ?? -1,
  ]);
}

function expectClose(actual: readonly OlderScore[], expected: readonly OlderScore[], most: number) {
  const [is, should] = [numbersIn(actual), numbersIn(expected)];
  expect(is).toHaveLength(should.length);
  for (const [at, value] of is.entries()) {
    expect(Math.abs(value - (should[at] ?? NaN))).toBeLessThan(most);
  }
}

describe.each(['fp32', 'int8'] as const)('a %s model of format 2', (precision) => {
  const expected = older.scores[precision];

  it('scores as it did', async () => {
    const model = Buffer.from(older.models[precision], 'base64');
    const scores = await scoresOf(model, 64);
    // 8-bit products are rounded as the processor has it.
    expectClose(scores, expected, precision === 'fp32' ? 1e-4 : 0.05);
  });

  it.each([1, 4, 64])(
    'scores as one of the present format, %i sequences at once',
    async (batchSize) => {
      const scores = await scoresOf(buildScoringModel(trained, { precision }), batchSize);
      expectClose(scores, expected, precision === 'fp32' ? 1e-4 : 0.3);
      if (precision === 'fp32')
        expect(scores.map(({ best }) => best)).toEqual(expected.map(({ best }) => best));
    },
  );
});
