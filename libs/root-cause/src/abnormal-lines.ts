import type { Anomaly, AnomalyLine } from '@logbert/contracts';
import { mentionsService } from '@logbert/detection';
import { type AbnormalLine, isFailure } from './root-cause-input';

/**
 * The abnormal lines of all anomalies, each with the service that it speaks against.
 *
 * A line that names another service ("upstream payment answered 502") reports that service's failure, and counts for it,
 * provided that the other one shows something abnormal itself: an odd line, or lines that should have come. Where it
 * shows nothing, the reporter keeps it: its call may have failed before it arrived.
 */
export function abnormalLines(anomalies: readonly Anomaly[]): readonly AbnormalLine[] {
  const services = new Set(anomalies.flatMap(({ services: own }) => own));
  const suspects = suspectServices(anomalies);
  return anomalies.flatMap((anomaly) =>
    anomaly.lines
      .filter((line) => line.isAbnormal || line.isNovel)
      .map((line): AbnormalLine => {
        const blamed = reportedService(line, services, suspects);
        return {
          line,
          anomalyId: anomaly.id,
          blamed: blamed ?? line.service,
          isReport: blamed !== undefined,
        };
      }),
  );
}

/** Services other than the writer that the line names. */
export function mentionedServices(
  { service, raw }: AnomalyLine,
  services: ReadonlySet<string>,
): readonly string[] {
  return [...services].filter((other) => other !== service && mentionsService(raw, other));
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
