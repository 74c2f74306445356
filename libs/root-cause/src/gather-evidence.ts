import type { Evidence } from '@logbert/contracts';
import { abnormalLines } from './abnormal-lines';
import { focusEvidence } from './focus-evidence';
import { minuteEvidence } from './minute-evidence';
import { missingEvidence } from './missing-evidence';
import { levelEvidence, orderEvidence, similarEvidence } from './order-evidence';
import { rateEvidence } from './rate-evidence';
import type { RootCauseInput } from './root-cause-input';
import { templateEvidence } from './template-evidence';

/** More than this nobody reads, and no prompt holds. */
const MAX_EVIDENCE = 30;

/**
 * Computes the facts that speak about the cause of an incident; nothing in them is generated.
 *
 * Each counts for the service it speaks against: a line for its writer, a report of another service's failure for that
 * one, a missing line for the service that usually writes it.
 *
 * @returns heaviest first, numbered `E1`, `E2`, … in that order; empty when there is no anomaly and no count
 */
export function gatherEvidence(input: RootCauseInput): readonly Evidence[] {
  const anomalies = input.anomalies.filter(({ rates }) => rates.length === 0);
  const lines = abnormalLines(anomalies);
  const changes = [...missingEvidence({ ...input, anomalies }), ...rateEvidence(input)];
  const changed = new Set(changes.map(({ templateId }) => templateId));
  const drafts = [
    ...templateEvidence(lines, { ...input, anomalies }),
    ...changes,
    // What the counts of the whole incident show already need not be told of a minute, too.
    ...minuteEvidence(input.anomalies).filter(({ templateId }) => !changed.has(templateId)),
    ...focusEvidence(lines, anomalies),
    ...orderEvidence(lines),
    ...levelEvidence(lines),
    ...similarEvidence(input.incident, input.similar),
  ];
  return drafts
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight || (a.at ?? Infinity) - (b.at ?? Infinity))
    .slice(0, MAX_EVIDENCE)
    .map((draft, index) => ({ id: `E${index + 1}`, ...draft }));
}
