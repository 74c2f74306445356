import { DISTANCE, MASK, UNKNOWN } from '@logbert/sequences';
import { float32, int32, type Tensor } from '@logbert/onnx-graph';
import { UNPREDICTED_TOKENS, type MaskRatio } from './architecture';
import type { Sample } from './sample-set';
import { PADDING_PENALTY } from './scoring-graph';
import { shuffle } from './seeded-random';
import type { StepShape } from './training-graph';

/** Of the masked lines, the share shown as the mask token and the share shown as any token. */
const [SHOWN_AS_MASK, SHOWN_AS_ANY] = [0.8, 0.1];
/** Of the windows that ended by themselves, the share of which only a beginning is shown, to be asked what comes next. */
const CONTINUED_SHARE = 0.25;

/** How many lines of a window of `length` lines are masked: the ratio, but at least one. */
export function maskedCount(length: number, maskRatio: number): number {
  return Math.max(1, Math.round(length * maskRatio));
}

/** The least and the largest ratio; the same twice where it is fixed. */
export function maskRatioBounds(ratio: MaskRatio): { readonly from: number; readonly to: number } {
  return typeof ratio === 'number' ? { from: ratio, to: ratio } : ratio;
}

/** The inputs of a training step that depend on its windows, filled anew for each step. */
export class TrainingBatch {
  readonly feeds: Readonly<Record<string, Tensor>>;
  /** Sum of the weights of the masked lines of the present step. */
  weight = 0;
  /** Positions of the present step that are not padding. */
  positions = 0;
  private readonly tokens: Int32Array;
  private readonly padding: Float32Array;
  private readonly rows: Int32Array;
  private readonly targets: Int32Array;
  private readonly weights: Float32Array;
  private readonly windowWeights: Float32Array;

  constructor(
    private readonly shape: StepShape,
    private readonly vocabularySize: number,
    private readonly maskRatio: MaskRatio,
  ) {
    const { batch, length, masked } = shape;
    this.tokens = new Int32Array(batch * length);
    this.padding = new Float32Array(batch * length);
    this.rows = new Int32Array(masked + batch);
    this.targets = new Int32Array(masked);
    this.weights = new Float32Array(masked);
    this.windowWeights = new Float32Array(batch);
    this.feeds = {
      tokens: int32([batch, length], this.tokens),
      padding: float32([batch, 1, 1, length], this.padding),
      rows: int32([masked + batch], this.rows),
      targets: int32([masked, 1], this.targets),
      weights: float32([masked, 1], this.weights),
      windowWeights: float32([batch, 1], this.windowWeights),
    };
  }

  /**
   * Writes a step's windows: 80 % of the masked lines as mask, 10 % as any token, 10 % as they are. `[END]`, the last token of
   * windows that ended by themselves, is never masked among them, for it would be known by its place; a quarter of these
   * windows are broken off anywhere instead, and asked what comes next.
   */
  fill(samples: readonly Sample[], random: () => number): void {
    const { batch, length, masked } = this.shape;
    this.tokens.fill(0);
    this.padding.fill(PADDING_PENALTY);
    this.rows.fill(0);
    this.targets.fill(0);
    this.weights.fill(0);
    this.windowWeights.fill(0);
    this.positions = 0;
    let at = 0;
    for (let row = 0; row < batch; row++) {
      const start = row * length;
      this.rows[masked + row] = start;
      this.tokens[start] = DISTANCE;
      this.padding[start] = 0;
      const sample = samples[row];
      if (!sample) continue;
      const { tokens, weight } = sample;
      const hasEnd = tokens.at(-1) === this.vocabularySize;
      const lines = hasEnd ? tokens.length - 1 : tokens.length;
      if (hasEnd && lines > 0 && random() < CONTINUED_SHARE) {
        this.askWhatComesNext(start, at++, sample, 1 + Math.floor(lines * random()));
        continue;
      }
      this.tokens.set(tokens, start + 1);
      this.padding.fill(0, start + 1, start + 1 + tokens.length);
      this.positions += 1 + tokens.length;
      this.windowWeights[row] = weight;
      const order = [...tokens.keys()].slice(0, lines);
      shuffle(order, random);
      for (const position of order.slice(0, this.countMasked(lines, random))) {
        const token = tokens[position] ?? UNKNOWN;
        this.rows[at] = start + 1 + position;
        this.targets[at] = token - UNPREDICTED_TOKENS;
        this.weights[at] = weight;
        this.tokens[start + 1 + position] = this.shown(token, random());
        at++;
      }
    }
    this.weight = normalise(this.weights);
    normalise(this.windowWeights);
  }

  /** Shows the first lines of a window and asks for what comes after them: its next key, or its end. */
  private askWhatComesNext(start: number, at: number, sample: Sample, shown: number): void {
    const asked = start + 1 + shown;
    this.tokens.set(sample.tokens.subarray(0, shown), start + 1);
    this.tokens[asked] = MASK;
    this.padding.fill(0, start + 1, asked + 1);
    this.positions += 2 + shown;
    this.rows[at] = asked;
    this.targets[at] = (sample.tokens[shown] ?? UNKNOWN) - UNPREDICTED_TOKENS;
    this.weights[at] = sample.weight;
  }

  private countMasked(length: number, random: () => number): number {
    const { from, to } = maskRatioBounds(this.maskRatio);
    return maskedCount(length, from === to ? from : from + (to - from) * random());
  }

  private shown(token: number, draw: number): number {
    if (draw < SHOWN_AS_MASK) return MASK;
    if (draw >= SHOWN_AS_MASK + SHOWN_AS_ANY) return token;
    const share = (draw - SHOWN_AS_MASK) / SHOWN_AS_ANY;
    return UNKNOWN + Math.floor(share * (this.vocabularySize - UNKNOWN));
  }
}

/** Divides by the sum, which is returned. */
function normalise(weights: Float32Array): number {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (sum > 0) for (let i = 0; i < weights.length; i++) weights[i] = (weights[i] ?? 0) / sum;
  return sum;
}
