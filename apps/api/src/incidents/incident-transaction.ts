import { randomUUID } from 'node:crypto';
import {
  type Anomaly,
  type AnomalyHead,
  type Incident,
  type IncidentConfig,
  LIVE_EVENTS,
} from '@logbert/contracts';
import type { Fingerprint, Repositories } from '@logbert/database';
import { findSimilarIncidents, type GroupingDecision, IncidentGrouper } from '@logbert/detection';
import type { IncidentChange } from './incident-changes';
import { reduceIncidents } from './reduce-incidents';
import { noteSmallestPValues } from './smallest-p-values';

const PAST_INCIDENTS = 200;
const SHOWN_SIMILAR = 5;

interface Touched {
  incident: Incident;
  fingerprint: Fingerprint;
  readonly isNew: boolean;
  readonly anomalyIds: string[];
}

/** What a transaction has written of anomalies. */
export interface WrittenAnomalies {
  /** Those that were not known before. */
  readonly fresh: readonly Anomaly[];
  /** Those whose session was open and is complete by it, fresh or not. */
  readonly closed: readonly AnomalyHead[];
  /** Those whose verdict has become final by it, fresh or not. */
  readonly settled: readonly AnomalyHead[];
}

/** Groups what was recorded in the same transaction, saves the incidents that changed, and announces all of it. */
export async function groupAnomalies(
  repositories: Repositories,
  stream: string,
  { fresh, closed, settled }: WrittenAnomalies,
  config: IncidentConfig,
): Promise<readonly IncidentChange[]> {
  const now = Date.now();
  const retracted = settled.filter(({ verdict }) => verdict.state === 'retracted');
  const touched = new Map<string, Touched>();
  const incidentOf = new Map<string, string>();

  if (fresh.length + retracted.length > 0) {
    const grouper = await loadGrouper(repositories, stream, config);
    const open = new Map((await repositories.incidents.open(stream)).map((one) => [one.id, one]));
    const retractedIds = new Set(retracted.map(({ id }) => id));
    grouper.retract(retractedIds);
    for (const anomaly of fresh) {
      // Taken back before anybody was told of it, as happens in logs that are read long after.
      if (retractedIds.has(anomaly.id)) continue;
      const decision = grouper.add(anomaly, [...open.values()], randomUUID());
      if (decision.kind === 'pending') continue;
      const { incident } = decision;
      open.set(incident.id, incident);
      touched.set(incident.id, touch(touched.get(incident.id), decision));
      for (const id of decision.anomalyIds) incidentOf.set(id, incident.id);
    }
    await repositories.incidents.savePending(stream, grouper.snapshot(), now);
  }

  for (const one of touched.values()) {
    if (one.isNew) {
      const past = await repositories.incidents.recentFingerprints(stream, PAST_INCIDENTS);
      const similar = findSimilarIncidents(one.incident.id, one.fingerprint, past, SHOWN_SIMILAR);
      one.incident = { ...one.incident, similar };
    }
    await repositories.incidents.save(one.incident, one.fingerprint);
    await repositories.anomalies.assignIncident(one.anomalyIds, one.incident.id);
  }
  const reduced = await reduceIncidents(repositories, retracted, now);

  const latest = new Map([...touched].map(([id, { incident }]) => [id, incident]));
  for (const { incident } of reduced) latest.set(incident.id, incident);
  const grown = new Set(latest.keys());
  const complete = closed.map((anomaly) => ({
    ...anomaly,
    incidentId: incidentOf.get(anomaly.id) ?? anomaly.incidentId,
  }));
  for (const incident of await noteSmallestPValues(repositories, complete)) {
    latest.set(incident.id, incident);
  }
  await repositories.events.appendAll([
    ...fresh.map((anomaly) => {
      const data = headOf(anomaly, incidentOf.get(anomaly.id) ?? null);
      return { type: LIVE_EVENTS.anomaly, data } as const;
    }),
    ...complete.map((data) => ({ type: LIVE_EVENTS.anomalyClosed, data }) as const),
    ...settled.map((anomaly) => {
      const data = { ...anomaly, incidentId: incidentOf.get(anomaly.id) ?? anomaly.incidentId };
      return { type: LIVE_EVENTS.verdict, data } as const;
    }),
    ...[...latest.values()].map((data) => ({ type: LIVE_EVENTS.incident, data }) as const),
  ]);
  const completed = new Set(closed.flatMap(({ incidentId }) => incidentId ?? []));
  const whole: IncidentChange[] = [];
  for (const id of completed) {
    const incident = grown.has(id) ? undefined : await repositories.incidents.find(id);
    if (incident) whole.push({ kind: 'completed', incident });
  }
  return [
    ...whole,
    ...[...touched.values()].map(({ incident, isNew }): IncidentChange => {
      const kind = isNew ? 'opened' : 'extended';
      return { kind, incident: latest.get(incident.id) ?? incident };
    }),
    ...reduced.flatMap(({ incident, isClosedByIt }): IncidentChange[] =>
      isClosedByIt ? [{ kind: 'closed', incident: latest.get(incident.id) ?? incident }] : [],
    ),
  ];
}

/** Closes the stream's incidents that have been silent for long enough. */
export async function closeIdleIncidents(
  repositories: Repositories,
  stream: string,
  config: IncidentConfig,
): Promise<readonly IncidentChange[]> {
  const now = Date.now();
  const open = await repositories.incidents.open(stream);
  const grouper = await loadGrouper(repositories, stream, config);
  const closed = grouper.closeIdle(now, open);
  if (closed.length === 0) return [];
  for (const incident of closed) await repositories.incidents.save(incident);
  await repositories.incidents.savePending(stream, grouper.snapshot(), now);
  await repositories.events.appendAll(
    closed.map((data) => ({ type: LIVE_EVENTS.incident, data }) as const),
  );
  return closed.map((incident) => ({ kind: 'closed', incident }));
}

async function loadGrouper(
  repositories: Repositories,
  stream: string,
  config: IncidentConfig,
): Promise<IncidentGrouper> {
  const snapshot = await repositories.incidents.pending(stream);
  return snapshot === undefined
    ? new IncidentGrouper(config)
    : IncidentGrouper.restore(snapshot, config);
}

function touch(
  known: Touched | undefined,
  decision: Exclude<GroupingDecision, { kind: 'pending' }>,
): Touched {
  return {
    // The similar incidents are looked up once, when all of this batch is known.
    incident: decision.incident,
    fingerprint: decision.fingerprint,
    isNew: known?.isNew ?? decision.kind === 'opened',
    anomalyIds: [...(known?.anomalyIds ?? []), ...decision.anomalyIds],
  };
}

function headOf(anomaly: Anomaly, incidentId: string | null): AnomalyHead {
  const { id, stream, windowKey, firstAt, lastAt, services, pValue, decidingChannel } = anomaly;
  const { state, verdict } = anomaly;
  return {
    ...{ id, stream, windowKey, firstAt, lastAt, services, pValue, decidingChannel },
    incidentId,
    state,
    verdict,
  };
}
