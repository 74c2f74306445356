import { DISTANCE, MASK, UNKNOWN } from '@logbert/sequences';
import { float32, int32, type Tensor } from '@logbert/onnx-graph';
import { UNPREDICTED_TOKENS, type MaskRatio } from './architecture';
import type { Sample } from './sample-set';
import { PADDING_PENALTY } from './scoring-graph';
import { shuffle } from './seeded-random';
import type { StepShape } from './training-graph';

/** Of the masked lines, the share shown as the mask token and the share shown as any token. */
const [SHOWN_AS_MASK, SHOWN_AS_ANY] = [0.8, 0.1];
/** Of the windows that ended by themselves, the shares that are asked what comes next: broken off anywhere, and whole. */
const [BROKEN_SHARE, WHOLE_SHARE] = [0.25, 0.25];
/** Of the windows that are asked what comes next, the share of which every line is shown, as when they are scored. */
const UNMASKED_SHARE = 0.5;

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
  /** By what the step's loss must be multiplied to be the mean nats of a masked line. */
  lossScale = 1;
  /** Positions of the present step that are not padding. */
  positions = 0;
  private readonly tokens: Int32Array;
  private readonly padding: Float32Array;
  private readonly asked: Int32Array;
  private readonly targets: Int32Array;
  private readonly weights: Float32Array;
  private readonly windowWeights: Float32Array;

  constructor(
    private readonly shape: StepShape,
    private readonly vocabularySize: number,
    private readonly maskRatio: MaskRatio,
    /** Mean weight of the windows of an epoch. */
    private readonly meanWeight: number,
  ) {
    const { batch, length, masked } = shape;
    this.tokens = new Int32Array(batch * length);
    this.padding = new Float32Array(batch * length);
    this.asked = new Int32Array((1 + masked) * batch);
    this.targets = new Int32Array(masked * batch);
    this.weights = new Float32Array(masked * batch);
    this.windowWeights = new Float32Array(batch);
    this.feeds = {
      tokens: int32([length, batch], this.tokens),
      padding: float32([batch, 1, 1, length], this.padding),
      asked: int32([1 + masked, batch], this.asked),
      targets: int32([masked * batch, 1], this.targets),
      weights: float32([masked * batch, 1], this.weights),
      windowWeights: float32([batch, 1], this.windowWeights),
    };
  }

  /**
   * Writes a step's windows: 80 % of the masked lines as mask, 10 % as any token, 10 % as they are.
   *
   * `[END]`, the last token of windows that ended by themselves, is never masked among them, for it would be known by its
   * place. Half of these windows are asked what comes after the lines that are shown: half of those are whole, and the answer is
   * `[END]`; the others are broken off anywhere, and the answer is the next line. A window is whole more often than one of its
   * beginnings is drawn, so that where rare windows end is learnt too: `[END]` is expected more than it comes, everywhere alike.
   *
   * The loss is divided by the mean weight of an epoch's windows, not by that of the step's: in a step of rare windows each
   * would otherwise count like a frequent one, and what is rare would be expected.
   */
  fill(samples: readonly Sample[], random: () => number): void {
    const { batch, length } = this.shape;
    this.tokens.fill(0);
    this.padding.fill(PADDING_PENALTY);
    this.targets.fill(0);
    this.weights.fill(0);
    this.windowWeights.fill(0);
    // `[DIST]` of each window, and again where it asks for fewer lines than it might.
    for (let at = 0; at < this.asked.length; at++) this.asked[at] = at % batch;
    this.positions = 0;
    let lines = 0;
    for (let window = 0; window < batch; window++) {
      this.tokens[window] = DISTANCE;
      this.padding[window * length] = 0;
      const sample = samples[window];
      if (sample) lines += this.write(window, sample, random);
    }
    this.weight = this.weights.reduce((total, weight) => total + weight, 0);
    const divisor = Math.max(1, lines) * this.meanWeight;
    this.lossScale = this.weight > 0 ? divisor / this.weight : 0;
    for (const [at, weight] of this.weights.entries()) this.weights[at] = weight / divisor;
    normalise(this.windowWeights);
  }

  /** @returns the number of masked lines */
  private write(window: number, { tokens, weight }: Sample, random: () => number): number {
    const { batch, length } = this.shape;
    const hasEnd = tokens.at(-1) === this.vocabularySize;
    const lines = hasEnd ? tokens.length - 1 : tokens.length;
    const draw = hasEnd ? random() : 1;
    const isBroken = draw < BROKEN_SHARE && lines > 1;
    const isAsked = draw < BROKEN_SHARE + WHOLE_SHARE;
    const shown = isBroken ? 1 + Math.floor((lines - 1) * random()) : lines;
    const end = hasEnd ? shown + 1 : shown;
    for (let line = 0; line < end; line++) {
      this.tokens[(1 + line) * batch + window] = tokens[line] ?? 0;
    }
    this.padding.fill(0, window * length, window * length + 1 + end);
    this.positions += 1 + end;
    // The beginning of a window says nothing of where `[DIST]` of a whole one should be.
    if (!isBroken) this.windowWeights[window] = weight;

    let asked = 0;
    const ask = (line: number, shownAs: number): void => {
      const [place, row] = [(1 + line) * batch + window, asked * batch + window];
      this.asked[batch + row] = place;
      this.targets[row] = (tokens[line] ?? UNKNOWN) - UNPREDICTED_TOKENS;
      this.weights[row] = weight;
      this.tokens[place] = shownAs;
      asked++;
    };
    if (isAsked) ask(shown, MASK);
    if (isAsked && random() < UNMASKED_SHARE) return asked;
    const order = Array.from({ length: shown }, (_, line) => line);
    shuffle(order, random);
    const most = this.countMasked(shown, random) - (isAsked ? 1 : 0);
    for (const line of order.slice(0, most)) {
      ask(line, this.shown(tokens[line] ?? UNKNOWN, random()));
    }
    return asked;
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

/** Divides by the sum. */
function normalise(weights: Float32Array): void {
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (sum > 0) for (let i = 0; i < weights.length; i++) weights[i] = (weights[i] ?? 0) / sum;
}
