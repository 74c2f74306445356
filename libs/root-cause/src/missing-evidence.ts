import { poissonPValue } from '@logbert/detection';
import type { Anomaly } from '@logbert/contracts';
import {
  type EvidenceDraft,
  isFailure,
  percent,
  type RootCauseInput,
  round,
} from './root-cause-input';

/** An expectation of the model that counts as "should have come". */
const EXPECTED_PROBABILITY = 0.5;
const MAX_MISSING = 8;
/** Where a failure explains the absence, it says little. */
const CONSEQUENCE_FACTOR = 0.2;
/** A template that fell silent is believed at this significance. */
const SILENT_P_VALUE = 1e-4;

interface Absence {
  readonly templateId: string;
  template: string;
  service: string | null;
  /** Anomalies that lack it, and how many of them show no failure that would explain it. */
  readonly lacking: Set<string>;
  readonly unexplained: Set<string>;
  share: number;
  at: number;
  source: 'windows' | 'model';
}

/**
 * Lines that should have come and did not: templates that comparable sessions have, templates the model expected where
 * something else came, and templates whose rate fell to nothing.
 *
 * A missing line counts for the service that usually writes it. In a session with a failure, the lines after the failure
 * are missing for that reason; they are told with a fifth of the weight.
 */
export function missingEvidence(input: RootCauseInput): readonly EvidenceDraft[] {
  const absences = new Map<string, Absence>();
  for (const anomaly of input.anomalies) collect(anomaly, absences);
  const drafts = [...absences.values()].map((absence) => describe(absence, input));
  const silent = silentTemplates(input, absences);
  return [...drafts, ...silent].sort((a, b) => b.weight - a.weight).slice(0, MAX_MISSING);
}

function collect(anomaly: Anomaly, absences: Map<string, Absence>): void {
  const failure = anomaly.lines.find(
    (line) => (line.isAbnormal || line.isNovel) && isFailure(line),
  );
  const note = (
    {
      templateId,
      template,
      service,
    }: { templateId: string; template: string; service: string | null },
    share: number,
    at: number,
    source: Absence['source'],
  ): void => {
    const absence = absences.get(templateId) ?? {
      templateId,
      template,
      service,
      lacking: new Set<string>(),
      unexplained: new Set<string>(),
      share,
      at,
      source,
    };
    absence.lacking.add(anomaly.id);
    if (!failure) absence.unexplained.add(anomaly.id);
    absence.share = Math.max(absence.share, share);
    absence.at = Math.min(absence.at, at);
    if (source === 'windows') absence.source = 'windows';
    absences.set(templateId, absence);
  };
  for (const missing of anomaly.missing) note(missing, missing.share, anomaly.lastAt, 'windows');
  const present = new Set(anomaly.lines.map(({ templateId }) => templateId));
  for (const line of anomaly.lines) {
    if (!line.isAbnormal) continue;
    for (const expected of line.expected) {
      if (expected.probability >= EXPECTED_PROBABILITY && !present.has(expected.templateId)) {
        note(expected, expected.probability, line.at, 'model');
      }
    }
  }
}

function describe(absence: Absence, { anomalies, ...input }: RootCauseInput): EvidenceDraft {
  const { lacking, unexplained, share, source } = absence;
  const total = Math.max(1, anomalies.length);
  const guilt = unexplained.size + CONSEQUENCE_FACTOR * (lacking.size - unexplained.size);
  const reason =
    source === 'windows'
      ? `${percent(share)} of comparable sessions have it`
      : `the model expected it with probability ${percent(share)}`;
  return {
    kind: 'missing-template',
    service: absence.service,
    templateId: absence.templateId,
    template: absence.template,
    statement:
      `${absence.service ?? 'unknown service'}: “${absence.template}” did not come in ` +
      `${lacking.size} of ${anomalies.length} abnormal sessions; ${reason}.`,
    at: absence.at,
    weight: Math.min(
      1,
      0.9 * share * (guilt / lacking.size) * (0.4 + 0.6 * (lacking.size / total)),
    ),
    figures: {
      sessions: lacking.size,
      unexplained: unexplained.size,
      share: round(share),
      ...ratesOf(absence.templateId, input),
    },
    lines: [],
  };
}

type Rates = Pick<RootCauseInput, 'current' | 'baseline' | 'currentMs' | 'baselineMs'>;

function ratesOf(templateId: string, rates: Rates): Record<string, number> {
  const count = (counts: RootCauseInput['current']): number =>
    counts.reduce((sum, each) => sum + (each.templateId === templateId ? each.count : 0), 0);
  return {
    perMinute: round((60_000 * count(rates.current)) / Math.max(1, rates.currentMs)),
    baselinePerMinute: round((60_000 * count(rates.baseline)) / Math.max(1, rates.baselineMs)),
  };
}

/** Templates of which the present has none although the baseline, scaled to the traffic of today, expects several. */
function silentTemplates(
  { current, baseline, templateText, anomalies }: RootCauseInput,
  known: ReadonlyMap<string, Absence>,
): readonly EvidenceDraft[] {
  const total = (counts: RootCauseInput['current']): number =>
    counts.reduce((sum, { count }) => sum + count, 0);
  const before = total(baseline);
  if (before === 0) return [];
  const scale = total(current) / before;
  const present = new Set(current.map(({ templateId }) => templateId));
  const past = new Map<string, { service: string; count: number }>();
  for (const { templateId, service, count } of baseline) {
    const sum = past.get(templateId);
    past.set(templateId, { service: sum?.service ?? service, count: (sum?.count ?? 0) + count });
  }
  const drafts: EvidenceDraft[] = [];
  for (const [templateId, { service, count }] of past) {
    // A template without a text was new in the baseline: an earlier incident's, not something usual.
    const template = templateText(templateId);
    if (template === undefined || present.has(templateId) || known.has(templateId)) continue;
    const expected = count * scale;
    const pValue = expected > 0 ? poissonPValue(0, expected) : 1;
    if (pValue > SILENT_P_VALUE) continue;
    drafts.push({
      kind: 'missing-template',
      service,
      templateId,
      template,
      statement: `${service}: “${template}” fell silent; about ${round(expected, 1)} were to be expected.`,
      at: anomalies[0]?.firstAt ?? null,
      weight: 0.6,
      figures: { expected: round(expected, 1), count: 0 },
      lines: [],
    });
  }
  return drafts;
}
