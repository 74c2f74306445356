import type { Incident, Severity } from '@logbert/contracts';
import { z } from 'zod';
import {
  type AnomalyTrace,
  type TraceCulprit,
  traceCulpritSchema,
  traceFingerprint,
} from './anomaly-trace';
import {
  addFingerprints,
  cosineSimilarity,
  fingerprintKey,
  fingerprintOfIncident,
} from './fingerprint';

const groupCulpritSchema = z
  .object({ culprit: traceCulpritSchema, count: z.int().positive() })
  .readonly();

export const incidentGroupSchema = z
  .object({
    /** −log10 p, summed. */
    evidence: z.number(),
    anomalyCount: z.int().nonnegative(),
    /** How many of them are minutes with unusual rates; absent in what older versions kept. */
    minuteCount: z.int().nonnegative().optional(),
    errorCount: z.int().nonnegative(),
    fatalCount: z.int().nonnegative(),
    minPValue: z.number(),
    firstAt: z.number(),
    lastAt: z.number(),
    seenAt: z.number(),
    fingerprint: z.record(z.string(), z.number()).readonly(),
    culprits: z.array(groupCulpritSchema).readonly(),
    services: z.array(z.string()).readonly(),
  })
  .readonly();

/** What anomalies that belong together have in common. */
export type IncidentGroup = z.infer<typeof incidentGroupSchema>;

const MAX_CULPRITS = 24;
const MAX_SHOWN_CULPRITS = 12;
const MAX_TITLE_TEMPLATE = 120;

export function groupOf(trace: AnomalyTrace): IncidentGroup {
  return extendGroup(undefined, trace);
}

/**
 * Evidence that one window can give without showing a failure, −log10 p. Beyond the calibration p-values are
 * extrapolated, and a way of being normal that the calibration has not seen gets as small a p-value as a fault: only
 * company tells them apart.
 */
const MAX_ODDITY = 3.5;

/**
 * −log10 p; where the window shows no failure and no line that is new, at most 3.5. A minute has no company to wait for, since
 * what has changed is told once, and it is told only outside of all that the last day has seen.
 */
export function evidenceOf(trace: AnomalyTrace): number {
  const evidence = -Math.log10(trace.pValue);
  const isFailure =
    trace.isMinute === true || trace.worst !== 'none' || trace.culprits.some(isNewOrError);
  return isFailure ? evidence : Math.min(MAX_ODDITY, evidence);
}

function isNewOrError({ isMissing, isStrong }: TraceCulprit): boolean {
  return !isMissing && isStrong;
}

/** The group with one more anomaly. */
export function extendGroup(group: IncidentGroup | undefined, trace: AnomalyTrace): IncidentGroup {
  const fingerprint = traceFingerprint(trace);
  const own = trace.culprits.map((culprit) => ({ culprit, count: 1 }));
  return {
    evidence: (group?.evidence ?? 0) + evidenceOf(trace),
    anomalyCount: (group?.anomalyCount ?? 0) + 1,
    minuteCount: (group?.minuteCount ?? 0) + (trace.isMinute ? 1 : 0),
    errorCount: (group?.errorCount ?? 0) + (trace.worst === 'none' ? 0 : 1),
    fatalCount: (group?.fatalCount ?? 0) + (trace.worst === 'fatal' ? 1 : 0),
    minPValue: Math.min(group?.minPValue ?? 1, trace.pValue),
    firstAt: Math.min(group?.firstAt ?? Infinity, trace.firstAt),
    lastAt: Math.max(group?.lastAt ?? -Infinity, trace.lastAt),
    seenAt: Math.max(group?.seenAt ?? -Infinity, trace.seenAt),
    fingerprint: group ? addFingerprints(group.fingerprint, fingerprint) : fingerprint,
    culprits: mergeCulprits([...(group?.culprits ?? []), ...own]),
    services: [...new Set([...(group?.services ?? []), ...trace.services])],
  };
}

/** The group of an incident whose own was lost: as much as the incident itself tells. */
export function groupOfIncident(incident: Incident): IncidentGroup {
  const total = incident.culprits.reduce((sum, { count }) => sum + count, 0);
  return {
    evidence: -Math.log10(Math.max(1e-300, incident.minPValue)),
    anomalyCount: incident.anomalyCount,
    errorCount: 0,
    fatalCount: 0,
    minPValue: incident.minPValue,
    firstAt: incident.openedAt,
    lastAt: incident.lastSeenAt,
    seenAt: incident.lastSeenAt,
    fingerprint: fingerprintOfIncident(incident),
    culprits: incident.culprits.map(({ templateId, template, service, isMissing, count }) => ({
      culprit: {
        templateId,
        template,
        service,
        isMissing,
        weight: count / total,
        mentions: [],
        isStrong: true,
      },
      count,
    })),
    services: incident.services,
  };
}

function mergeCulprits(culprits: IncidentGroup['culprits']): IncidentGroup['culprits'] {
  const merged = new Map<string, { culprit: TraceCulprit; count: number; guilt: number }>();
  for (const { culprit, count } of culprits) {
    const key = fingerprintKey(culprit.templateId, culprit.isMissing);
    const known = merged.get(key);
    const guilt = culprit.weight * count + (known?.guilt ?? 0);
    const together = count + (known?.count ?? 0);
    merged.set(key, {
      culprit: { ...(known?.culprit ?? culprit), weight: guilt / together },
      count: together,
      guilt,
    });
  }
  return [...merged.values()]
    .sort((a, b) => b.guilt - a.guilt)
    .slice(0, MAX_CULPRITS)
    .map(({ culprit, count }) => ({ culprit, count }));
}

/** How alike an anomaly and a group must be to be one fault. */
const MIN_COSINE = 0.4;
/** Relatedness by what the lines say of each other's services, and by mere presence in the same place. */
const WORDS_SCORE = 0.38;
const MENTION_SCORE = 0.35;
const BEGINNING_SCORE = 0.3;
const PLACE_SCORE = 0.2;
/** Two faults of one service seldom begin within so short a time. */
const BEGINNING_MS = 10_000;

/**
 * How surely an anomaly belongs to a group, in [0, 1]; 0 when it does not.
 *
 * 1. *Time*: a gap longer than `maxGapMs` of event time separates whatever else agrees.
 * 2. *Same culprits*: cosine of the weighted bags of at least 0.4. What failed first in a window weighs most, what merely
 *    reports another service's failure or lacks the lines after a failure weighs little (see `traceOf`): two faults that
 *    end in the same "502" of the gateway stay apart, and the many faces of one fault stay together.
 * 3. *Same words*: the head culprit of the anomaly reads like a culprit of the same service in the group; a new line may be
 *    given several templates before the miner has seen enough of it.
 * 4. *Cascade*: the anomaly shows nothing but reports of a service at the group's head, or the group shows nothing but
 *    reports of the anomaly's head service. Needed where each service has windows of its own.
 * 5. *One beginning*: both head the same service, and the anomaly came within ten seconds of the group's first: a deploy
 *    shows as a restart and as the errors that follow it.
 * 6. *Bycatch*: the anomaly has no culprit that could be the beginning of a fault, and happened in the group's services.
 */
export function relatedness(trace: AnomalyTrace, group: IncidentGroup, maxGapMs: number): number {
  if (trace.firstAt > group.lastAt + maxGapMs || trace.lastAt < group.firstAt - maxGapMs) return 0;
  const cosine = cosineSimilarity(traceFingerprint(trace), group.fingerprint);
  if (cosine >= MIN_COSINE) return cosine;

  const groupCulprits = group.culprits.map(({ culprit }) => culprit);
  const [head] = trace.culprits;
  if (head && groupCulprits.some((culprit) => readsLike(head, culprit))) return WORDS_SCORE;
  const anomalyHead = trace.services[0];
  const groupHead = headService(group);
  if (reportsOn(trace.culprits, groupHead) || reportsOn(groupCulprits, anomalyHead)) {
    return MENTION_SCORE;
  }
  const isBeginning = Math.abs(trace.firstAt - group.firstAt) <= BEGINNING_MS;
  if (anomalyHead !== undefined && anomalyHead === groupHead && isBeginning) return BEGINNING_SCORE;
  const hasBeginning = trace.culprits.some(({ isStrong }) => isStrong);
  const isInPlace = trace.services.some((service) => service === groupHead);
  return !hasBeginning && isInPlace ? PLACE_SCORE : 0;
}

/** Share of the words of two templates, wildcards aside, that both have. */
const MIN_SHARED_WORDS = 0.7;

function readsLike(a: TraceCulprit, b: TraceCulprit): boolean {
  if (a.service !== b.service || a.isMissing !== b.isMissing) return false;
  const words = (text: string): Set<string> =>
    new Set(text.match(/(?<![<\w])[\p{L}]{2,}(?![\w>])/gu));
  const own = words(a.template);
  const other = words(b.template);
  const shared = [...own].filter((word) => other.has(word)).length;
  return shared > 1 && shared >= MIN_SHARED_WORDS * (own.size + other.size - shared);
}

/** Whether the culprits speak of a service, and none of them could itself be where a fault begins. */
function reportsOn(culprits: readonly TraceCulprit[], service: string | undefined): boolean {
  if (service === undefined || culprits.some(({ isStrong }) => isStrong)) return false;
  return culprits.some(({ mentions }) => mentions.includes(service));
}

function headService({ culprits, services }: IncidentGroup): string | undefined {
  const guilt = new Map<string, number>();
  for (const { culprit, count } of culprits) {
    if (culprit.service === null) continue;
    guilt.set(culprit.service, (guilt.get(culprit.service) ?? 0) + culprit.weight * count);
  }
  let head: string | undefined;
  let most = 0;
  for (const [service, weight] of guilt) {
    if (weight > most) {
      most = weight;
      head = service;
    }
  }
  return head ?? services[0];
}

/** The incident that a group is, as it travels; what people and the root cause added to an earlier state stays. */
export function incidentOf(
  group: IncidentGroup,
  place: { readonly id: string; readonly stream: string },
  before: Incident | undefined,
): Incident {
  return {
    id: place.id,
    stream: place.stream,
    state: 'open',
    isAcknowledged: before?.isAcknowledged ?? false,
    severity: severityOf(group, before?.severity),
    title: titleOf(group),
    openedAt: Math.max(0, Math.round(group.firstAt)),
    lastSeenAt: Math.max(0, Math.round(group.lastAt)),
    closedAt: null,
    anomalyCount: group.anomalyCount,
    retractedCount: before?.retractedCount ?? 0,
    // A session may be less probable as a whole than it was while it was open.
    minPValue: Math.min(group.minPValue, before?.minPValue ?? 1),
    services: byGuilt(group),
    culprits: group.culprits.slice(0, MAX_SHOWN_CULPRITS).map(({ culprit, count }) => ({
      templateId: culprit.templateId,
      template: culprit.template,
      service: culprit.service,
      count,
      isMissing: culprit.isMissing,
    })),
    similar: before?.similar ?? [],
    topCause: before?.topCause ?? null,
  };
}

function byGuilt(group: IncidentGroup): readonly string[] {
  const head = headService(group);
  if (head === undefined) return group.services;
  return [...new Set([head, ...group.services])];
}

const SEVERITIES: readonly Severity[] = ['low', 'medium', 'high', 'critical'];

/**
 * How bad an incident is: by the worst level among its abnormal lines and the number of windows hit. It never falls while
 * the incident is open.
 */
export function severityOf(group: IncidentGroup, before: Severity | undefined): Severity {
  const { anomalyCount, errorCount, fatalCount } = group;
  let rank = 0;
  if (anomalyCount >= 5 || errorCount >= 1) rank = 1;
  if (anomalyCount >= 25 || errorCount >= 3 || fatalCount >= 1) rank = 2;
  if (errorCount >= 25 || fatalCount >= 3) rank = 3;
  const earlier = before === undefined ? 0 : SEVERITIES.indexOf(before);
  return SEVERITIES[Math.max(rank, earlier)] ?? 'low';
}

/** One line for a person: where, how much, and what came or did not come. */
export function titleOf(group: IncidentGroup): string {
  const service = headService(group) ?? 'unknown service';
  const windows = group.anomalyCount - (group.minuteCount ?? 0);
  const head = `${service}: ${windows} abnormal ${windows === 1 ? 'session' : 'sessions'}`;
  const [first] = group.culprits;
  if (!first) return head;
  const text = first.culprit.template;
  const template =
    text.length > MAX_TITLE_TEMPLATE ? `${text.slice(0, MAX_TITLE_TEMPLATE - 1)}…` : text;
  if (windows === 0)
    return `${service}: ${first.culprit.isMissing ? 'less' : 'more'} than usual of “${template}”`;
  return first.culprit.isMissing ? `${head} without “${template}”` : `${head}, first “${template}”`;
}
