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

const PAST_INCIDENTS = 200;
const SHOWN_SIMILAR = 5;

interface Touched {
  incident: Incident;
  fingerprint: Fingerprint;
  readonly isNew: boolean;
  readonly anomalyIds: string[];
}

/** Groups anomalies that are recorded in the same transaction, saves what changed, and announces it. */
export async function groupAnomalies(
  repositories: Repositories,
  stream: string,
  anomalies: readonly Anomaly[],
  config: IncidentConfig,
): Promise<readonly IncidentChange[]> {
  const now = Date.now();
  const grouper = await loadGrouper(repositories, stream, config);
  const open = new Map((await repositories.incidents.open(stream)).map((one) => [one.id, one]));
  const touched = new Map<string, Touched>();
  const incidentOf = new Map<string, string>();

  for (const anomaly of anomalies) {
    const decision = grouper.add(anomaly, [...open.values()], randomUUID());
    if (decision.kind === 'pending') continue;
    const { incident } = decision;
    open.set(incident.id, incident);
    touched.set(incident.id, touch(touched.get(incident.id), decision));
    for (const id of decision.anomalyIds) incidentOf.set(id, incident.id);
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
  await repositories.incidents.savePending(stream, grouper.snapshot(), now);

  await repositories.events.appendAll([
    ...anomalies.map((anomaly) => {
      const data = headOf(anomaly, incidentOf.get(anomaly.id) ?? null);
      return { type: LIVE_EVENTS.anomaly, data } as const;
    }),
    ...[...touched.values()].map(
      ({ incident: data }) => ({ type: LIVE_EVENTS.incident, data }) as const,
    ),
  ]);
  return [...touched.values()].map(({ incident, isNew }) => ({
    kind: isNew ? 'opened' : 'extended',
    incident,
  }));
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
  return { id, stream, windowKey, firstAt, lastAt, services, pValue, decidingChannel, incidentId };
}
