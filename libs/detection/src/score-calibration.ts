/** Numbers of largest scores that the tail is fitted to; the widest tail of all is taken. */
const TAIL_SIZES = [10, 25, 50, 100, 200];

export interface ScoreCalibrationSnapshot {
  /** Distinct scores, ascending. */
  readonly scores: readonly number[];
  /** How often each occurs. */
  readonly counts: readonly number[];
  readonly tailScale: number;
  readonly censored: number;
}

/**
 * How rare a score is among those of normal windows: a split-conformal p-value with a tail.
 *
 * Source: Vovk, Gammerman & Shafer, "Algorithmic Learning in a Random World", 2005, section 4.2; Papadopoulos et al.,
 * "Inductive Confidence Machines for Regression", ECML 2002: p = (1 + #{calibration >= s}) / (n + 1), so that a normal
 * window gets p <= α with probability at most α, whatever the scores' distribution. A tie counts against the window.
 *
 * That p is never below 1 / (n + 1), and an alert budget under it could never raise an alert. Beyond the largest
 * calibration score m the p-value therefore goes on along a tail of exponential shape, the Gumbel-domain case of the
 * generalised Pareto distribution (Pickands, "Statistical Inference Using Extreme Order Statistics", 1975):
 * p = exp(−(s − m) / β) / (n + 1). β is the largest mean excess over several thresholds, widened by two standard errors
 * (a heavier tail than was seen is assumed, never a lighter one), and at least the channel's own unit.
 *
 * Validity: up to m the p-value is exact for exchangeable windows. Beyond m it is an extrapolation, trusted for as many
 * nats as were observed: never below 1 / (n + 1)². A tail heavier than any seen excess (a mode of normal behaviour that
 * no calibration window shows) is not covered.
 */
export class ScoreCalibration {
  private constructor(
    private readonly scores: Float64Array,
    private readonly tailScale: number,
    /** Normal windows that are known to score higher than all others, though not how high. */
    readonly censored: number,
  ) {}

  /**
   * @param scores of normal windows, any order, finite, at least one
   * @param unit smallest step that means something on this channel, > 0
   * @param censored normal windows that are known to score higher than all others, though not how high; >= 0
   */
  static of(scores: readonly number[], unit: number, censored = 0): ScoreCalibration {
    const sorted = Float64Array.from(scores).sort();
    return new ScoreCalibration(sorted, tailScaleOf(sorted, unit), censored);
  }

  static restore(snapshot: ScoreCalibrationSnapshot): ScoreCalibration {
    const { scores, counts, tailScale, censored } = snapshot;
    const all = scores.flatMap((score, index) => new Array<number>(counts[index] ?? 0).fill(score));
    return new ScoreCalibration(Float64Array.from(all), tailScale, censored);
  }

  get size(): number {
    return this.scores.length;
  }

  snapshot(): ScoreCalibrationSnapshot {
    const scores: number[] = [];
    const counts: number[] = [];
    for (const score of this.scores) {
      if (scores.at(-1) === score) counts[counts.length - 1] = (counts.at(-1) ?? 0) + 1;
      else {
        scores.push(score);
        counts.push(1);
      }
    }
    return { scores, counts, tailScale: this.tailScale, censored: this.censored };
  }

  /** @returns p-value in (0, 1]. */
  pValueOf(score: number): number {
    const { length } = this.scores;
    const smaller = lowerBound(this.scores, score);
    const total = length + this.censored + 1;
    if (smaller < length) return (total - smaller) / total;
    return this.tail(score - (this.scores[length - 1] ?? score), total);
  }

  /** The p-value of a score that is one of the calibration's own: what it would be had it been left out. */
  pValueWithout(score: number): number {
    const length = this.scores.length - 1;
    const smaller = lowerBound(this.scores, score);
    const total = length + this.censored + 1;
    if (smaller < length) return (total - smaller) / total;
    return this.tail(score - (this.scores[length - 1] ?? score), total);
  }

  /** Score from which p-values are at most `pValue`, by the empirical part alone: an upper quantile. */
  quantile(pValue: number): number {
    const { length } = this.scores;
    const index = Math.min(length - 1, Math.max(0, Math.ceil((1 - pValue) * length)));
    return this.scores[index] ?? 0;
  }

  private tail(excess: number, total: number): number {
    const head = (1 + this.censored) / total;
    const decay = Math.exp(-Math.max(0, excess) / this.tailScale);
    return Math.max(1 / (total * total), head * decay);
  }
}

function tailScaleOf(sorted: Float64Array, unit: number): number {
  let scale = unit;
  for (const size of TAIL_SIZES) {
    if (size >= sorted.length) break;
    const threshold = sorted[sorted.length - 1 - size] ?? 0;
    let sum = 0;
    for (let rank = 1; rank <= size; rank++) {
      sum += (sorted[sorted.length - rank] ?? 0) - threshold;
    }
    scale = Math.max(scale, (sum / size) * (1 + 2 / Math.sqrt(size)));
  }
  return scale;
}

/** How many of the ascending values are smaller than `value`. */
function lowerBound(values: Float64Array, value: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((values[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
