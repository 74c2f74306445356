import type { AnomalyHead, Incident } from '@logbert/contracts';
import type { IncidentDesk } from './incident-desk';

/**
 * Notes with each incident when a session that was told while it was open is less probable as a whole than anything told of
 * the incident before, in the same transaction.
 *
 * @returns the incidents that changed
 */
export async function noteSmallestPValues(
  desk: IncidentDesk,
  closed: readonly Pick<AnomalyHead, 'incidentId' | 'pValue'>[],
): Promise<readonly Incident[]> {
  const smallest = new Map<string, number>();
  for (const { incidentId, pValue } of closed) {
    if (incidentId === null) continue;
    smallest.set(incidentId, Math.min(pValue, smallest.get(incidentId) ?? 1));
  }
  const changed: Incident[] = [];
  for (const before of await desk.findAll([...smallest.keys()])) {
    const minPValue = smallest.get(before.id) ?? 1;
    if (before.minPValue <= minPValue) continue;
    const incident = { ...before, minPValue };
    desk.put(incident);
    changed.push(incident);
  }
  return changed;
}
