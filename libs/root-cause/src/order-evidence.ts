import type { Incident } from '@logbert/contracts';
import { type AbnormalLine, type EvidenceDraft, isError, percent, round } from './root-cause-input';

const MAX_LINES = 3;

/** Which service was first to fail, session by session. */
export function orderEvidence(lines: readonly AbnormalLine[]): readonly EvidenceDraft[] {
  const sessions = new Map<string, AbnormalLine[]>();
  for (const abnormal of lines) {
    const session = sessions.get(abnormal.anomalyId) ?? [];
    session.push(abnormal);
    sessions.set(abnormal.anomalyId, session);
  }
  const firsts = new Map<string, number>();
  const delays = new Map<string, number[]>();
  for (const session of sessions.values()) {
    const services = firstTimes(session);
    const [first] = services;
    if (!first) continue;
    firsts.set(first.service, (firsts.get(first.service) ?? 0) + 1);
    for (const { service, at } of services) {
      delays.set(service, [...(delays.get(service) ?? []), at - first.at]);
    }
  }
  if (delays.size < 2) return [];
  const order = [...delays]
    .map(([service, own]) => ({ service, delay: median(own), first: firsts.get(service) ?? 0 }))
    .sort((a, b) => b.first - a.first || a.delay - b.delay);
  const [head] = order;
  if (!head || head.first === 0) return [];
  const share = head.first / sessions.size;
  const steps = order.map(({ service, delay }) => `${service} (+${Math.round(delay)} ms)`);
  const at = Math.min(...lines.map(({ line }) => line.at));
  return [
    {
      kind: 'service-order',
      service: head.service,
      templateId: null,
      template: null,
      statement:
        `${head.service} was the first with an abnormal line in ${head.first} of ${sessions.size} sessions ` +
        `(${percent(share)}); order: ${steps.join(', ')}.`,
      at,
      weight: 0.5 * share,
      figures: { sessions: sessions.size, first: head.first, share: round(share) },
      lines: [],
    },
  ];
}

/** Services of one session with the time of their first abnormal line that neither reports another nor marks a gap. */
function firstTimes(
  session: readonly AbnormalLine[],
): readonly { readonly service: string; readonly at: number }[] {
  const own = session.filter(({ role }) => role === 'own' || role === 'echo');
  const times = new Map<string, number>();
  for (const { line } of own) {
    const at = times.get(line.service);
    if (at === undefined || line.at < at) times.set(line.service, line.at);
  }
  return [...times].map(([service, at]) => ({ service, at })).sort((a, b) => a.at - b.at);
}

/** How many errors each service wrote in the abnormal sessions. */
export function levelEvidence(lines: readonly AbnormalLine[]): readonly EvidenceDraft[] {
  const errors = new Map<string, AbnormalLine[]>();
  for (const abnormal of lines) {
    if (!isError(abnormal.line)) continue;
    const own = errors.get(abnormal.blamed) ?? [];
    own.push(abnormal);
    errors.set(abnormal.blamed, own);
  }
  const total = [...errors.values()].reduce((sum, own) => sum + own.length, 0);
  return [...errors].map(([service, own]) => {
    const direct = own.filter(({ role }) => role === 'own').length;
    const sessions = new Set(own.map(({ anomalyId }) => anomalyId)).size;
    const reports = own.filter(({ role }) => role === 'report').length;
    const reported = reports > 0 ? `, ${reports} of them reported by others` : '';
    return {
      kind: 'error-level' as const,
      service,
      templateId: null,
      template: null,
      statement: `${service}: ${own.length} of ${total} abnormal error lines${reported}, in ${sessions} sessions.`,
      at: Math.min(...own.map(({ line }) => line.at)),
      weight: 0.4 * ((direct + 0.3 * (own.length - direct)) / total),
      figures: { errors: own.length, direct, total, sessions },
      lines: own.slice(0, MAX_LINES).map(({ line }) => line.raw),
    };
  });
}

/** What earlier incidents that looked alike were traced back to. */
export function similarEvidence(
  incident: Incident,
  similar: readonly Incident[],
): readonly EvidenceDraft[] {
  return incident.similar.flatMap(({ incidentId, similarity }) => {
    const past = similar.find(({ id }) => id === incidentId);
    if (!past) return [];
    const cause = past.topCause;
    return [
      {
        kind: 'similar-incident' as const,
        service: cause?.service ?? null,
        templateId: null,
        template: null,
        statement:
          `An earlier incident looked alike (similarity ${round(similarity, 2)}): “${past.title}”` +
          (cause ? `; its top cause was ${cause.service}.` : '.'),
        at: past.openedAt,
        weight: cause ? 0.3 * similarity : 0.1 * similarity,
        figures: { similarity: round(similarity, 2), anomalies: past.anomalyCount },
        lines: [],
      },
    ];
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
