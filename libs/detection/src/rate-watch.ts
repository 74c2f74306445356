import type { TemplateCount } from '@logbert/contracts';

/** Buckets a template is remembered for: its own baseline. */
const BASELINE_BUCKETS = 60;
/** Fewer say nothing about how a rate varies. */
const MIN_BUCKETS = 6;

export interface RateVerdict {
  readonly service: string;
  readonly templateId: string;
  readonly bucketMs: number;
  readonly count: number;
  /** Mean count of the baseline's buckets. */
  readonly expected: number;
  /** Two-sided p-value in (0, 1]. */
  readonly pValue: number;
}

interface RateHistory {
  readonly service: string;
  readonly templateId: string;
  counts: number[];
}

/**
 * The `rate` channel: every template's count in a bucket of time against its own last buckets.
 *
 * Counts are taken for Poisson, widened by the dispersion that the baseline shows (quasi-Poisson, Wedderburn, Biometrika
 * 1974): a count k of a mean m with dispersion φ is judged as k/φ of m/φ. A template that falls silent is judged like
 * any other, so that a missing heartbeat is found.
 */
export class RateWatch {
  private readonly histories = new Map<string, RateHistory>();

  /** @param maxTemplates pairs of service and template that are watched; further ones are not */
  constructor(private readonly maxTemplates = 10_000) {}

  /**
   * Judges one finished bucket and lets it enter the baselines.
   *
   * @param counts all counts of the bucket; a known template that is not among them came zero times
   * @returns verdicts on templates with a baseline of at least six buckets, smallest p first
   */
  judge(bucketMs: number, counts: readonly TemplateCount[]): readonly RateVerdict[] {
    const now = new Map<string, number>();
    for (const { service, templateId, count } of counts) {
      const key = `${service}\u0000${templateId}`;
      now.set(key, (now.get(key) ?? 0) + count);
      if (!this.histories.has(key) && this.histories.size < this.maxTemplates) {
        this.histories.set(key, { service, templateId, counts: [] });
      }
    }
    const verdicts: RateVerdict[] = [];
    for (const [key, history] of this.histories) {
      const count = now.get(key) ?? 0;
      if (history.counts.length >= MIN_BUCKETS) {
        const { mean, dispersion } = momentsOf(history.counts);
        verdicts.push({
          service: history.service,
          templateId: history.templateId,
          bucketMs,
          count,
          expected: mean,
          pValue: poissonPValue(count / dispersion, mean / dispersion),
        });
      }
      history.counts.push(count);
      if (history.counts.length > BASELINE_BUCKETS) history.counts.shift();
      if (history.counts.every((past) => past === 0)) this.histories.delete(key);
    }
    return verdicts.sort((a, b) => a.pValue - b.pValue);
  }
}

function momentsOf(counts: readonly number[]): { mean: number; dispersion: number } {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const squares = counts.reduce((sum, count) => sum + (count - mean) ** 2, 0);
  const variance = squares / Math.max(1, counts.length - 1);
  // Half a count keeps a template that never came from having a mean, and so a variance, of nothing.
  return {
    mean: Math.max(mean, 0.5 / counts.length),
    dispersion: Math.max(1, variance / Math.max(mean, 1e-9)),
  };
}

/**
 * Two-sided p-value of a Poisson count: twice the smaller tail, the observed count within both.
 *
 * @param count >= 0, need not be whole
 * @param mean > 0
 * @returns (0, 1]
 */
export function poissonPValue(count: number, mean: number): number {
  const atMost = upperGamma(count + 1, mean);
  const atLeast = count <= 0 ? 1 : 1 - upperGamma(count, mean);
  return Math.min(1, Math.max(Number.MIN_VALUE, 2 * Math.min(atMost, atLeast)));
}

/** Q(a, x), the regularised upper incomplete gamma function. Press et al., "Numerical Recipes", 3rd ed., section 6.2. */
function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1;
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n < 1_000 && term > sum * 1e-15; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return Math.max(0, 1 - sum * front);
  }
  let b = x + 1 - a;
  let c = 1e300;
  let d = 1 / b;
  let h = d;
  for (let n = 1; n < 1_000; n++) {
    const an = -n * (n - a);
    b += 2;
    d = 1 / (an * d + b || 1e-300);
    c = b + an / c || 1e-300;
    const delta = d * c;
    h *= delta;
    if (Math.abs(delta - 1) < 1e-15) break;
  }
  return front * h;
}

const LANCZOS = [
  76.18009172947146, -86.50532032941677, 24.01409824083091, -1.231739572450155,
  0.1208650973866179e-2, -0.5395239384953e-5,
];

/** log Γ(x) for x > 0, to ten digits. Lanczos, SIAM Journal on Numerical Analysis B 1964. */
function logGamma(x: number): number {
  const base = x + 5.5;
  let series = 1.000000000190015;
  for (const [index, coefficient] of LANCZOS.entries()) series += coefficient / (x + index + 1);
  return (x + 0.5) * Math.log(base) - base + Math.log((2.5066282746310005 * series) / x);
}
