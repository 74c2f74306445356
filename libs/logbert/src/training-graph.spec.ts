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
  const { architecture, settings, tokens, windowWeights } = fixture;
  const [batch, length, masked] = [tokens.length, tokens[0]?.length ?? 0, 2];
  /** Time before batch. */
  const transposed = Array.from({ length }, (_, time) => tokens.map((window) => window[time] ?? 0));
  const lines = fixture.targets.map((target, at) => {
    const row = fixture.rows[at] ?? 0;
    const [window, time] = [Math.floor(row / length), row % length];
    return { target, weight: fixture.weights[at] ?? 0, window, place: time * batch + window };
  });
  /** The masked lines by their number in their window and then by window; a window with fewer asks for its beginning again. */
  const slots = Array.from({ length: masked }, (_, number) =>
    tokens.map(
      (_window, window) =>
        lines.filter((line) => line.window === window)[number] ?? {
          target: 0,
          weight: 0,
          place: window,
        },
    ),
  ).flat();
  const asked = [...tokens.keys(), ...slots.map(({ place }) => place)];

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
        tokens: tensor([length, batch], transposed.flat()),
        padding: tensor([batch, 1, 1, length], padding),
        asked: tensor([1 + masked, batch], asked),
        targets: tensor(
          [masked * batch, 1],
          slots.map(({ target }) => target),
        ),
        weights: tensor(
          [masked * batch, 1],
          slots.map(({ weight }) => weight),
        ),
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
