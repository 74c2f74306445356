import type { AnomalyHead, Incident } from '@logbert/contracts';
import type { Repositories } from '@logbert/database';

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
  { anomalies, incidents }: Repositories,
  retracted: readonly AnomalyHead[],
  nowMs: number,
): Promise<readonly ReducedIncident[]> {
  const ids = [...new Set(retracted.flatMap(({ incidentId }) => incidentId ?? []))];
  const reduced: ReducedIncident[] = [];
  for (const [id, retractedCount] of await anomalies.retractedOf(ids)) {
    const before = await incidents.find(id);
    if (!before || before.retractedCount === retractedCount) continue;
    const isClosedByIt = before.state === 'open' && retractedCount >= before.anomalyCount;
    const incident: Incident = {
      ...before,
      retractedCount,
      ...(isClosedByIt ? { state: 'closed', closedAt: nowMs } : {}),
    };
    await incidents.save(incident);
    reduced.push({ incident, isClosedByIt });
  }
  return reduced;
}
