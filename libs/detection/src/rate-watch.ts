import type { TemplateCount } from '@logbert/contracts';
import { poissonPValue } from './poisson';

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
