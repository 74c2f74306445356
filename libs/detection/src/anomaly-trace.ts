import type { Anomaly, AnomalyLine } from '@logbert/contracts';
import { z } from 'zod';
import { fingerprintKey, type Fingerprint } from './fingerprint';
import { MINUTE_MS } from './minute-counts';
import { mentionedServices } from './service-mention';

export const traceCulpritSchema = z
  .object({
    templateId: z.string(),
    template: z.string(),
    service: z.string().nullable(),
    isMissing: z.boolean(),
    /** Share of the anomaly's guilt, in [0, 1]. */
    weight: z.number().min(0).max(1),
    /** Services that its lines speak of, other than the one that wrote them. */
    mentions: z.array(z.string()).readonly(),
    /** Whether it could be the beginning of a fault: new, an error, or a line that should have come. */
    isStrong: z.boolean(),
  })
  .readonly();

export const anomalyTraceSchema = z
  .object({
    anomalyId: z.string(),
    windowKey: z.string(),
    /** Event time of the first and last abnormal line. */
    firstAt: z.number(),
    lastAt: z.number(),
    /** Wall time of its detection. */
    seenAt: z.number(),
    pValue: z.number().gt(0).max(1),
    services: z.array(z.string()).readonly(),
    culprits: z.array(traceCulpritSchema).readonly(),
    worst: z.enum(['none', 'error', 'fatal']),
    /** Whether it is a minute with unusual rates, not a window; absent in what older versions kept. */
    isMinute: z.boolean().optional(),
  })
  .readonly();

export type TraceCulprit = z.infer<typeof traceCulpritSchema>;
/** What grouping needs of an anomaly, small enough to be kept while it waits for company. */
export type AnomalyTrace = z.infer<typeof anomalyTraceSchema>;

const MAX_CULPRITS = 16;
/** A p-value of zero would be infinite evidence. */
const MIN_P_VALUE = 1e-300;
/** Guilt by what a line is. */
const GUILT = { error: 2, novel: 2, missing: 2, other: 0.5 };
/** What failed first in a window caused what failed after it. */
const FIRST_FAILURE_FACTOR = 3;
/** A line that speaks of another service reports a failure rather than being it. */
const SYMPTOM_FACTOR = 0.4;
/** A request that failed lacks the lines that come after the failure: their absence says little more. */
const CONSEQUENCE_FACTOR = 0.1;

/** @param services names known in the stream, by which mentions are recognised */
export function traceOf(anomaly: Anomaly, services: ReadonlySet<string>): AnomalyTrace {
  if (anomaly.rates.length > 0) return traceOfMinute(anomaly);
  const abnormal = anomaly.lines.filter((line) => line.isAbnormal || line.isNovel);
  const known = new Set([...services, ...anomaly.services]);
  const culprits = normalise([
    ...presentCulprits(abnormal, known),
    ...missingCulprits(anomaly, abnormal),
  ]);
  const times = abnormal.map((line) => line.at);
  return {
    anomalyId: anomaly.id,
    windowKey: anomaly.windowKey,
    firstAt: times.length > 0 ? Math.min(...times) : anomaly.firstAt,
    lastAt: times.length > 0 ? Math.max(...times) : anomaly.lastAt,
    seenAt: anomaly.detectedAt,
    pValue: Math.max(MIN_P_VALUE, anomaly.pValue),
    services: focusServices(culprits, anomaly),
    culprits,
    worst: worstOf(abnormal),
  };
}

/** The whole minute is odd, whenever its lines came, and it is heard of a minute late: its silence begins that much later. */
function traceOfMinute(anomaly: Anomaly): AnomalyTrace {
  const culprits = normalise(
    anomaly.rates.map(({ templateId, template, service, count, expectedFrom, pValue }) => ({
      templateId,
      template,
      service,
      isMissing: count < expectedFrom,
      weight: -Math.log(Math.max(MIN_P_VALUE, pValue)),
      mentions: [],
      // How often lines come is what a fault does: where it began is told by a window, if there is one.
      isStrong: false,
    })),
  );
  return {
    anomalyId: anomaly.id,
    windowKey: anomaly.windowKey,
    firstAt: anomaly.firstAt,
    lastAt: anomaly.lastAt,
    seenAt: anomaly.detectedAt + MINUTE_MS,
    pValue: Math.max(MIN_P_VALUE, anomaly.pValue),
    services: focusServices(culprits, anomaly),
    culprits,
    worst: worstOf(anomaly.lines),
    isMinute: true,
  };
}

export function traceFingerprint({ culprits }: AnomalyTrace): Fingerprint {
  const bag = Object.create(null) as Record<string, number>;
  for (const { templateId, isMissing, weight } of culprits) {
    const key = fingerprintKey(templateId, isMissing);
    bag[key] = (bag[key] ?? 0) + weight;
  }
  return bag;
}

function isFailure(line: AnomalyLine): boolean {
  return line.level === 'error' || line.level === 'fatal' || line.isNovel;
}

function presentCulprits(
  abnormal: readonly AnomalyLine[],
  services: ReadonlySet<string>,
): readonly TraceCulprit[] {
  const inTime = [...abnormal].sort((a, b) => a.at - b.at);
  const first = inTime.find((line) => isFailure(line));
  const byTemplate = new Map<string, TraceCulprit>();
  for (const line of inTime) {
    const mentions = mentionedServices(line, services);
    let weight = isFailure(line) ? (line.isNovel ? GUILT.novel : GUILT.error) : GUILT.other;
    if (line === first) weight *= FIRST_FAILURE_FACTOR;
    if (mentions.length > 0) weight *= SYMPTOM_FACTOR;
    const known = byTemplate.get(line.templateId);
    if (known && known.weight >= weight) continue;
    byTemplate.set(line.templateId, {
      templateId: line.templateId,
      template: line.template,
      service: line.service,
      isMissing: false,
      weight,
      mentions,
      isStrong: isFailure(line) && mentions.length === 0,
    });
  }
  return [...byTemplate.values()];
}

function missingCulprits(
  { missing }: Anomaly,
  abnormal: readonly AnomalyLine[],
): readonly TraceCulprit[] {
  const hasFailure = abnormal.some(isFailure);
  return missing.map(({ templateId, template, service, share }) => ({
    templateId,
    template,
    service,
    isMissing: true,
    weight: GUILT.missing * share * (hasFailure ? CONSEQUENCE_FACTOR : 1),
    mentions: [],
    isStrong: !hasFailure,
  }));
}

/** Heaviest first, weights adding to one. */
function normalise(culprits: readonly TraceCulprit[]): readonly TraceCulprit[] {
  const heaviest = [...culprits].sort((a, b) => b.weight - a.weight).slice(0, MAX_CULPRITS);
  const total = heaviest.reduce((sum, { weight }) => sum + weight, 0);
  if (total === 0) return heaviest;
  return heaviest.map((culprit) => ({ ...culprit, weight: culprit.weight / total }));
}

/** Services of the culprits, most guilty first; those of the whole window only when no culprit has one. */
function focusServices(culprits: readonly TraceCulprit[], anomaly: Anomaly): readonly string[] {
  const guilt = new Map<string, number>();
  for (const { service, weight } of culprits) {
    if (service !== null) guilt.set(service, (guilt.get(service) ?? 0) + weight);
  }
  if (guilt.size === 0) return anomaly.services.slice(0, 1);
  return [...guilt].sort((a, b) => b[1] - a[1]).map(([service]) => service);
}

function worstOf(abnormal: readonly AnomalyLine[]): AnomalyTrace['worst'] {
  if (abnormal.some(({ level }) => level === 'fatal')) return 'fatal';
  return abnormal.some(({ level }) => level === 'error') ? 'error' : 'none';
}
