import type { Settlement } from '@logbert/database';
import type { Detected } from '@logbert/pipeline';

/** The final verdicts that are of anomalies; most windows were never flagged. */
export function settlementsOf(settled: Detected['settled'], settledAt: number): Settlement[] {
  return settled.flatMap(({ anomalyId, outcome, verdict: { pValue } }) => {
    if (anomalyId === undefined || outcome === undefined) return [];
    return [{ anomalyId, verdict: { state: outcome, settledAt, pValue } }];
  });
}
