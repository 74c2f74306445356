import { readFileSync } from 'node:fs';
import { evaluateGraph, GraphBuilder, type DoubleTensor } from '@logbert/onnx-graph';
import { describe, expect, it } from 'vitest';
import type { Architecture } from './architecture';
import { countParameters } from './parameters';
import { PADDING_PENALTY } from './scoring-graph';
import { FIRST_DECAY, SECOND_DECAY, EPSILON, writeTrainingStep } from './training-graph';

/** As `benchmarks/peers/torch_gradients.py` writes it. */
interface Fixture {
  readonly architecture: Architecture;
  readonly settings: {
    readonly learningRate: number;
    readonly weightDecay: number;
    readonly gradientClip: number;
    readonly hypersphereWeight: number;
    readonly steps: number;
  };
  readonly tokens: readonly (readonly number[])[];
  readonly rows: readonly number[];
  readonly targets: readonly number[];
  readonly weights: readonly number[];
  readonly windowWeights: readonly number[];
  readonly centre: readonly number[];
  readonly parameters: readonly number[];
  readonly losses: readonly number[];
  readonly gradientNorms: readonly number[];
  readonly finalParameters: readonly number[];
}

const file = new URL('./pytorch-training-step.fixture.json', import.meta.url);
const fixture = JSON.parse(readFileSync(file, 'utf8')) as Fixture;

const tensor = (dims: readonly number[], data: Iterable<number>): DoubleTensor => ({
  dims,
  data: Float64Array.from(data),
});
const scalar = (value: number) => tensor([], [value]);

describe('writeTrainingStep', () => {
  const { architecture, settings, tokens, targets, windowWeights } = fixture;
  const [batch, length, masked] = [tokens.length, tokens[0]?.length ?? 0, targets.length];

  it('trains as PyTorch does: losses, gradient norms and parameters after clipped AdamW steps', () => {
    const graph = new GraphBuilder();
    writeTrainingStep(graph, architecture, { batch, length, masked }, settings.gradientClip);
    const size = countParameters(architecture);
    expect(fixture.parameters).toHaveLength(size);
    const padding = tokens.flat().map((token) => (token === 0 ? PADDING_PENALTY : 0));
    let state = {
      parameters: tensor([size], fixture.parameters),
      first: tensor([size], new Float64Array(size)),
      second: tensor([size], new Float64Array(size)),
    };
    for (let step = 1; step <= settings.steps; step++) {
      const rootOfSecond = Math.sqrt(1 - SECOND_DECAY ** step);
      const values = evaluateGraph(graph, {
        ...state,
        tokens: tensor([batch, length], tokens.flat()),
        padding: tensor([batch, 1, 1, length], padding),
        rows: tensor([masked + batch], fixture.rows),
        targets: tensor([masked, 1], targets),
        weights: tensor([masked, 1], fixture.weights),
        windowWeights: tensor([batch, 1], windowWeights),
        centre: tensor([architecture.hidden], fixture.centre),
        hypersphereWeight: scalar(settings.hypersphereWeight),
        rate: scalar((settings.learningRate * rootOfSecond) / (1 - FIRST_DECAY ** step)),
        epsilon: scalar(EPSILON * rootOfSecond),
        decay: scalar(settings.learningRate * settings.weightDecay),
      });
      const valueOf = (name: string) => values.get(name) ?? scalar(NaN);
      expect(valueOf('loss').data[0]).toBeCloseTo(fixture.losses[step - 1] ?? NaN, 6);
      expect(valueOf('gradientNorm').data[0]).toBeCloseTo(
        fixture.gradientNorms[step - 1] ?? NaN,
        6,
      );
      state = {
        parameters: valueOf('nextParameters'),
        first: valueOf('nextFirst'),
        second: valueOf('nextSecond'),
      };
    }
    const errors = state.parameters.data.map((value, at) =>
      Math.abs(value - (fixture.finalParameters[at] ?? NaN)),
    );
    expect(Math.max(...errors)).toBeLessThan(1e-7);
    const moved = fixture.finalParameters.filter((value, at) => value !== fixture.parameters[at]);
    expect(moved.length).toBeGreaterThan(size / 2);
  });
});
