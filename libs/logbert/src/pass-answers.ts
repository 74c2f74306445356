import type { Tensor } from '@logbert/onnx-graph';
import { UNKNOWN } from '@logbert/sequences';
import { UNPREDICTED_TOKENS } from './architecture';
import type { GrowingScore } from './growing-score';
import type { Alternative } from './line-alternatives';
import { NonFiniteFailure } from './non-finite-failure';
import type { Pass } from './scoring-feeds';

type Numbers = ArrayLike<number>;

/** What a scoring model answered to the passes of one batch, read pass by pass in the order of its rows. */
export class PassAnswers {
  private readonly surprise: Numbers;
  private readonly entropy: Numbers;
  private readonly distance: Numbers;
  private readonly probabilities: Numbers;
  private readonly classes: Numbers;
  private readonly pairs: Numbers;
  private row = 0;
  private pair = 0;

  /** @param count alternatives of each row */
  constructor(
    results: Readonly<Record<string, Tensor>>,
    private readonly count: number,
  ) {
    const output = (name: string): Numbers =>
      numbersOf(results, name) ?? refuse(`no output ${name}`);
    this.surprise = output('surprise');
    this.entropy = output('entropy');
    this.distance = output('distance');
    this.probabilities = output('topProbabilities');
    this.classes = output('topClasses');
    // Models of format 2 tell the logarithm.
    this.pairs =
      numbersOf(results, 'pairProbabilities') ??
      Array.from(numbersOf(results, 'pairLogs') ?? [], Math.exp);
  }

  /** Gives a window's score what its next pass says of each masked line. */
  give(
    { piece, offset, masked, asksEnd }: Pass,
    score: GrowingScore,
    model: { readonly unknownFloor: number; readonly vocabularySize: number },
  ): void {
    for (const position of masked) {
      const surprise = this.surprise[this.row] ?? NaN;
      if (!Number.isFinite(surprise)) throw new NonFiniteFailure('surprise', undefined, undefined);
      const best = this.best();
      if (asksEnd) {
        score.endSurprise = Math.max(0, surprise);
        // The end has the last class, behind those of the keys.
        score.nextAlternatives = best.filter(({ token }) => token < model.vocabularySize);
      } else {
        this.addExpected(score.expected);
        const floor = piece[position] === UNKNOWN ? model.unknownFloor : 0;
        score.surprise[offset + position] = Math.max(surprise, floor);
        score.entropy[offset + position] = Math.max(0, this.entropy[this.row] ?? NaN);
        score.alternatives.set(offset + position, best);
      }
      this.row++;
    }
  }

  /** Distance of `[DIST]` of the next pass; its rows come behind those of all masked lines. */
  nextDistance(): number {
    return this.distance[this.row++] ?? NaN;
  }

  private best(): readonly Alternative[] {
    const best: Alternative[] = [];
    const start = this.row * this.count;
    for (let at = start; at < start + this.count; at++) {
      const token = (this.classes[at] ?? 0) + UNPREDICTED_TOKENS;
      best.push({ token, probability: this.probabilities[at] ?? NaN });
    }
    return best;
  }

  private addExpected(expected: Float64Array): void {
    if (this.pairs.length === 0) return;
    for (let key = 0; key < expected.length; key++) {
      expected[key] = (expected[key] ?? 0) + (this.pairs[this.pair++] ?? 0);
    }
  }
}

function numbersOf(results: Readonly<Record<string, Tensor>>, name: string): Numbers | undefined {
  const data = results[name]?.data;
  return data instanceof BigInt64Array ? undefined : data;
}

function refuse(reason: string): never {
  throw new RangeError(reason);
}
