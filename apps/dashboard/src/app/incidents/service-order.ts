import type { Evidence, Incident } from '@logbert/contracts';

export interface ServiceStep {
  readonly service: string;
  /** Time after the first service, epoch milliseconds apart; null when it is not known. */
  readonly afterMs: number | null;
}

/**
 * Services in the order in which they turned abnormal.
 *
 * Evidence that has a service and a time gives the order; services without such evidence follow as the
 * incident lists them.
 */
export function serviceOrderOf(
  incident: Pick<Incident, 'services'>,
  evidence: readonly Evidence[],
): readonly ServiceStep[] {
  const firstAt = new Map<string, number>();
  for (const { service, at } of evidence) {
    if (service === null || at === null) continue;
    firstAt.set(service, Math.min(at, firstAt.get(service) ?? Infinity));
  }
  const known = [...firstAt]
    .filter(([service]) => incident.services.includes(service))
    .sort(([, a], [, b]) => a - b);
  const beginning = known[0]?.[1] ?? 0;
  const rest = incident.services.filter((service) => !known.some(([name]) => name === service));
  return [
    ...known.map(([service, at]) => ({ service, afterMs: at - beginning })),
    ...rest.map((service) => ({ service, afterMs: null })),
  ];
}
