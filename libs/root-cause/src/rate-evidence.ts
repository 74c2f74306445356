import { poissonPValue } from '@logbert/detection';
import { type EvidenceDraft, type RootCauseInput, round } from './root-cause-input';

const MIN_LIFT = 2;
const SIGNIFICANT = 1e-4;
const MAX_CHANGES = 6;
/** Keeps what is compared with a template that one of the two times lacks finite. */
const PSEUDO_COUNT = 0.5;

interface TemplateRate {
  readonly service: string;
  readonly templateId: string;
  now: number;
  before: number;
}

/**
 * Templates whose rate rose against the baseline, those that changed the mix of lines most in front.
 *
 * Three figures each: lift, the ratio of the rates; KL, the template's share in the Kullback-Leibler divergence of the
 * two mixes, p · log(p / q) in nats; and a two-sided Poisson p-value under the baseline's rate. What fell to nothing is
 * told by `missingEvidence`.
 */
export function rateEvidence(input: RootCauseInput): readonly EvidenceDraft[] {
  const { currentMs, baselineMs } = input;
  if (currentMs <= 0 || baselineMs <= 0 || input.baseline.length === 0) return [];
  const rates = ratesOf(input);
  const nowTotal = rates.reduce((sum, { now }) => sum + now, 0);
  const beforeTotal = rates.reduce((sum, { before }) => sum + before, 0);
  const textOf = textsOf(input);
  const drafts = rates.flatMap((rate) => {
    const template = textOf(rate.templateId);
    if (template === undefined) return [];
    const expected = (Math.max(rate.before, PSEUDO_COUNT) * currentMs) / baselineMs;
    const lift = rate.now / expected;
    const pValue = poissonPValue(rate.now, expected);
    if (lift < MIN_LIFT || pValue > SIGNIFICANT) return [];
    const share = (rate.now + PSEUDO_COUNT) / (nowTotal + 1);
    const shareBefore = (rate.before + PSEUDO_COUNT) / (beforeTotal + 1);
    const divergence = share * Math.log(share / shareBefore);
    const perMinute = (60_000 * rate.now) / currentMs;
    const perMinuteBefore = (60_000 * rate.before) / baselineMs;
    const draft: EvidenceDraft = {
      kind: 'rate-change',
      service: rate.service,
      templateId: rate.templateId,
      template,
      statement:
        `${rate.service}: “${template}” came ${round(perMinute, 1)} times a minute, ` +
        (rate.before === 0
          ? `never in the ${spanOf(baselineMs)} before.`
          : `${round(perMinuteBefore, 1)} before (${round(lift, 1)} times as often).`),
      at: null,
      weight: Math.min(0.6, 0.2 + 0.1 * Math.log2(lift) + Math.min(0.2, divergence)),
      figures: {
        count: rate.now,
        perMinute: round(perMinute, 1),
        baselinePerMinute: round(perMinuteBefore, 1),
        // Of nothing there is no multiple.
        ...(rate.before === 0 ? {} : { lift: round(lift, 1) }),
        divergence: round(divergence, 4),
        pValue,
      },
      lines: [],
    };
    return [{ draft, divergence }];
  });
  return drafts
    .sort((a, b) => b.divergence - a.divergence)
    .slice(0, MAX_CHANGES)
    .map(({ draft }) => draft);
}

function spanOf(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 2) return `${Math.round(ms / 1_000)} seconds`;
  return `${minutes} minutes`;
}

/** Texts of the model's templates, and of new ones as far as the anomalies show them. */
function textsOf({ anomalies, templateText }: RootCauseInput): RootCauseInput['templateText'] {
  const shown = new Map<string, string>();
  for (const { lines } of anomalies) {
    for (const { templateId, template } of lines) shown.set(templateId, template);
  }
  return (templateId) => templateText(templateId) ?? shown.get(templateId);
}

function ratesOf({ current, baseline }: RootCauseInput): readonly TemplateRate[] {
  const rates = new Map<string, TemplateRate>();
  const rateOf = (service: string, templateId: string): TemplateRate => {
    const key = `${service}\u0000${templateId}`;
    const rate = rates.get(key) ?? { service, templateId, now: 0, before: 0 };
    rates.set(key, rate);
    return rate;
  };
  for (const { service, templateId, count } of current) rateOf(service, templateId).now += count;
  for (const { service, templateId, count } of baseline)
    rateOf(service, templateId).before += count;
  return [...rates.values()];
}
