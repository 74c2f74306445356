import type { Anomaly } from '@logbert/contracts';
import { type EvidenceDraft, round } from './root-cause-input';

const MAX_RATES = 6;
const WEIGHT = 0.5;

/** What minutes had too often or too seldom, each template once, at its surest. */
export function minuteEvidence(anomalies: readonly Anomaly[]): readonly EvidenceDraft[] {
  const told = anomalies
    .flatMap(({ rates, firstAt }) => rates.map((rate) => ({ ...rate, at: firstAt })))
    .sort((a, b) => a.pValue - b.pValue);
  const surest = new Map<string, (typeof told)[number]>();
  for (const rate of told) if (!surest.has(rate.templateId)) surest.set(rate.templateId, rate);
  return [...surest.values()].slice(0, MAX_RATES).map((rate): EvidenceDraft => {
    const { service, templateId, template, count, expectedFrom, expectedTo, pValue, at } = rate;
    const minute = new Date(at).toISOString().slice(11, 16);
    const expected =
      expectedFrom === expectedTo ? `${expectedFrom}` : `${expectedFrom} to ${expectedTo}`;
    return {
      kind: count === 0 ? 'missing-template' : 'rate-change',
      service,
      templateId,
      template,
      statement:
        `${service ?? 'unknown service'}: “${template}” came ${count === 0 ? 'not once' : `${count} times`} in the minute ` +
        `from ${minute} UTC, ${expected} expected.`,
      at,
      weight: WEIGHT,
      figures: { count, expectedFrom, expectedTo, pValue: round(pValue, 6) },
      lines: [],
    };
  });
}
