import type { AnomalyHead, Incident } from '@logbert/contracts';
import type { AnomalyRepository } from '@logbert/database';
import type { IncidentDesk } from './incident-desk';

export interface ReducedIncident {
  readonly incident: Incident;
  /** Whether nothing was left of it, so that it is closed now. */
  readonly isClosedByIt: boolean;
}

/**
 * Notes with each incident how many of its anomalies were taken back, in the same transaction. Nothing is deleted; an open
 * one of which all were is closed: what it showed has become usual.
 */
export async function reduceIncidents(
  anomalies: AnomalyRepository,
  desk: IncidentDesk,
  retracted: readonly AnomalyHead[],
  nowMs: number,
): Promise<readonly ReducedIncident[]> {
  const ids = [...new Set(retracted.flatMap(({ incidentId }) => incidentId ?? []))];
  const reduced: ReducedIncident[] = [];
  const counts = await anomalies.retractedOf(ids);
  for (const before of await desk.findAll([...counts.keys()])) {
    const retractedCount = counts.get(before.id) ?? 0;
    if (before.retractedCount === retractedCount) continue;
    const isClosedByIt = before.state === 'open' && retractedCount >= before.anomalyCount;
    const incident: Incident = {
      ...before,
      retractedCount,
      ...(isClosedByIt ? { state: 'closed', closedAt: nowMs } : {}),
    };
    desk.put(incident);
    reduced.push({ incident, isClosedByIt });
  }
  return reduced;
}
