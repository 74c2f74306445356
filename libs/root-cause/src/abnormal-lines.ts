import type { Anomaly, AnomalyLine } from '@logbert/contracts';
import { mentionedServices } from '@logbert/detection';
import { type AbnormalLine, isFailure, type LineRole } from './root-cause-input';

/**
 * The abnormal lines of all anomalies, each with the service that it speaks against and its role.
 *
 * A line that names another service ("upstream payment answered 502") reports that service's failure, and counts for it,
 * provided that the other one shows something abnormal itself: an odd line, or lines that should have come. Where it
 * shows nothing, the reporter keeps it: its call may have failed before it arrived.
 *
 * A line that comes after the first failure of its session, and from another service, is an echo of it: what fails first
 * causes what fails later, since a caller hears of a failure after the callee had it. In a session that lacks lines and
 * shows no failure, the known lines that are odd only mark the gap.
 */
export function abnormalLines(anomalies: readonly Anomaly[]): readonly AbnormalLine[] {
  const services = new Set(anomalies.flatMap(({ services: own }) => own));
  const suspects = suspectServices(anomalies);
  return anomalies.flatMap((anomaly) => {
    const odd = anomaly.lines.filter((line) => line.isAbnormal || line.isNovel);
    const firstFailure = odd
      .filter(isFailure)
      .reduce<AnomalyLine | undefined>(
        (first, line) => (first && first.at <= line.at ? first : line),
        undefined,
      );
    return odd.map((line): AbnormalLine => {
      const reported = reportedService(line, services, suspects);
      return {
        line,
        anomalyId: anomaly.id,
        blamed: reported ?? line.service,
        role: reported === undefined ? roleOf(line, firstFailure, anomaly) : 'report',
      };
    });
  });
}

function roleOf(
  line: AnomalyLine,
  firstFailure: AnomalyLine | undefined,
  { missing }: Anomaly,
): LineRole {
  if (firstFailure) {
    const isLater = line.at >= firstFailure.at && line.service !== firstFailure.service;
    return isLater ? 'echo' : 'own';
  }
  return missing.length > 0 ? 'gap' : 'own';
}

function reportedService(
  line: AnomalyLine,
  services: ReadonlySet<string>,
  suspects: ReadonlySet<string>,
): string | undefined {
  return mentionedServices(line, services).find((service) => suspects.has(service));
}

function suspectServices(anomalies: readonly Anomaly[]): ReadonlySet<string> {
  const suspects = new Set<string>();
  for (const { lines, missing } of anomalies) {
    const failures = lines.filter((line) => (line.isAbnormal || line.isNovel) && isFailure(line));
    for (const { service } of failures) suspects.add(service);
    if (failures.length > 0) continue;
    for (const { service } of missing) if (service !== null) suspects.add(service);
  }
  return suspects;
}
