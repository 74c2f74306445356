import { randomUUID } from 'node:crypto';
import { type Anomaly, type AnomalyHead, type Incident, LIVE_EVENTS } from '@logbert/contracts';
import type { Fingerprint, Repositories } from '@logbert/database';
import { findSimilarIncidents } from '@logbert/detection';
import type { GrouperKeeper } from './grouper-keeper';
import type { IncidentChange } from './incident-changes';
import { IncidentDesk } from './incident-desk';
import { reduceIncidents } from './reduce-incidents';
import { noteSmallestPValues } from './smallest-p-values';

const PAST_INCIDENTS = 200;
const SHOWN_SIMILAR = 5;

interface Touched {
  readonly incident: Incident;
  readonly fingerprint: Fingerprint;
  readonly isNew: boolean;
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

/** What a transaction on incidents works with. */
export interface IncidentTools {
  readonly repositories: Repositories;
  readonly groupers: GrouperKeeper;
  readonly stream: string;
}

/** Groups what was recorded in the same transaction, saves the incidents that changed, and announces all of it. */
export async function groupAnomalies(
  tools: IncidentTools,
  { fresh, closed, settled }: WrittenAnomalies,
): Promise<readonly IncidentChange[]> {
  const { repositories } = tools;
  const now = Date.now();
  const desk = new IncidentDesk(repositories.incidents);
  const retracted = settled.filter(({ verdict }) => verdict.state === 'retracted');
  const { touched, incidentOf } = await group(tools, desk, { fresh, retracted, now });
  for (const one of touched.values()) await fileIncident(tools, desk, one);
  await repositories.anomalies.assignIncidents(incidentOf);

  const reduced = await reduceIncidents(repositories.anomalies, desk, retracted, now);
  const withIncident = (anomaly: AnomalyHead): AnomalyHead => ({
    ...anomaly,
    incidentId: incidentOf.get(anomaly.id) ?? anomaly.incidentId,
  });
  const complete = closed.map(withIncident);
  const lowered = await noteSmallestPValues(desk, complete);
  await desk.save();

  const grown = new Set([...touched.keys(), ...reduced.map(({ incident }) => incident.id)]);
  const latest = await desk.findAll([...new Set([...grown, ...lowered.map(({ id }) => id)])]);
  await repositories.events.appendAll([
    ...fresh.map((anomaly) => {
      const data = headOf(anomaly, incidentOf.get(anomaly.id) ?? null);
      return { type: LIVE_EVENTS.anomaly, data } as const;
    }),
    ...complete.map((data) => ({ type: LIVE_EVENTS.anomalyClosed, data }) as const),
    ...settled.map((data) => ({ type: LIVE_EVENTS.verdict, data: withIncident(data) }) as const),
    ...latest.map((data) => ({ type: LIVE_EVENTS.incident, data }) as const),
  ]);
  const completed = new Set(closed.flatMap(({ incidentId }) => incidentId ?? []));
  const whole = await desk.findAll([...completed].filter((id) => !grown.has(id)));
  const asItIs = new Map(latest.map((incident) => [incident.id, incident]));
  return [
    ...whole.map((incident): IncidentChange => ({ kind: 'completed', incident })),
    ...[...touched.values()].map(({ incident, isNew }): IncidentChange => {
      const kind = isNew ? 'opened' : 'extended';
      return { kind, incident: asItIs.get(incident.id) ?? incident };
    }),
    ...reduced.flatMap(({ incident, isClosedByIt }): IncidentChange[] =>
      isClosedByIt ? [{ kind: 'closed', incident: asItIs.get(incident.id) ?? incident }] : [],
    ),
  ];
}

/** Finds the incident of each new anomaly. */
async function group(
  { repositories, groupers, stream }: IncidentTools,
  desk: IncidentDesk,
  {
    fresh,
    retracted,
    now,
  }: Pick<WrittenAnomalies, 'fresh'> & {
    readonly retracted: readonly AnomalyHead[];
    readonly now: number;
  },
): Promise<{
  readonly touched: ReadonlyMap<string, Touched>;
  readonly incidentOf: ReadonlyMap<string, string>;
}> {
  const touched = new Map<string, Touched>();
  const incidentOf = new Map<string, string>();
  if (fresh.length + retracted.length === 0) return { touched, incidentOf };
  const lent = await groupers.lend(stream, repositories.incidents);
  const { grouper } = lent;
  const open = new Map((await desk.open(stream)).map((one) => [one.id, one]));
  const retractedIds = new Set(retracted.map(({ id }) => id));
  grouper.retract(retractedIds);
  for (const anomaly of fresh) {
    // Taken back before anybody was told of it, as happens in logs that are read long after.
    if (retractedIds.has(anomaly.id)) continue;
    const decision = grouper.add(anomaly, [...open.values()], randomUUID());
    if (decision.kind === 'pending') continue;
    const { incident, fingerprint } = decision;
    open.set(incident.id, incident);
    const isNew = touched.get(incident.id)?.isNew ?? decision.kind === 'opened';
    touched.set(incident.id, { incident, fingerprint, isNew });
    for (const id of decision.anomalyIds) incidentOf.set(id, incident.id);
  }
  await groupers.save(stream, lent, repositories.incidents, now);
  return { touched, incidentOf };
}

/** Has the incident written; a new one with those before that looked alike. */
async function fileIncident(
  { repositories, stream }: IncidentTools,
  desk: IncidentDesk,
  { incident, fingerprint, isNew }: Touched,
): Promise<void> {
  if (!isNew) return desk.put(incident, fingerprint);
  // What was put before is one of the past.
  await desk.save();
  const past = await repositories.incidents.recentFingerprints(stream, PAST_INCIDENTS);
  const similar = findSimilarIncidents(incident.id, fingerprint, past, SHOWN_SIMILAR);
  desk.put({ ...incident, similar }, fingerprint);
}

/** Closes the stream's incidents that have been silent for long enough. */
export async function closeIdleIncidents({
  repositories,
  groupers,
  stream,
}: IncidentTools): Promise<readonly IncidentChange[]> {
  const now = Date.now();
  const open = await repositories.incidents.open(stream);
  const lent = await groupers.lend(stream, repositories.incidents);
  if (!lent.grouper.hasIdle(now, open)) {
    groupers.giveBack(stream, lent);
    return [];
  }
  const closed = lent.grouper.closeIdle(now, open);
  await repositories.incidents.saveAll(closed.map((incident) => ({ incident })));
  await groupers.save(stream, lent, repositories.incidents, now);
  await repositories.events.appendAll(
    closed.map((data) => ({ type: LIVE_EVENTS.incident, data }) as const),
  );
  return closed.map((incident) => ({ kind: 'closed', incident }));
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
