import type { Incident, Severity } from '@logbert/contracts';

export type StateFilter = 'all' | 'open' | 'closed';

export interface IncidentFilter {
  readonly state: StateFilter;
  readonly stream: string | undefined;
  readonly severity: Severity | undefined;
  readonly text: string;
}

/** Whether an incident is one of those asked for; the text is looked for in title, services and cause. */
export function isAskedFor(incident: Incident, filter: IncidentFilter): boolean {
  if (filter.state !== 'all' && incident.state !== filter.state) return false;
  if (filter.stream !== undefined && incident.stream !== filter.stream) return false;
  if (filter.severity !== undefined && incident.severity !== filter.severity) return false;
  const words = filter.text.trim().toLowerCase();
  if (words === '') return true;
  const { title, services, topCause } = incident;
  const text = [title, ...services, topCause?.service ?? '', topCause?.title ?? ''].join('\n');
  return text.toLowerCase().includes(words);
}

/** The list of the server with what the event stream has told since, newest first. */
export function withNews(
  listed: readonly Incident[],
  news: readonly Incident[],
  isComplete: boolean,
): readonly Incident[] {
  const byId = new Map(listed.map((incident) => [incident.id, incident]));
  const oldest = Math.min(...listed.map(({ openedAt }) => openedAt));
  for (const incident of news) {
    const belongs = byId.has(incident.id) || isComplete || incident.openedAt >= oldest;
    if (belongs) byId.set(incident.id, incident);
  }
  return [...byId.values()].sort((a, b) => b.openedAt - a.openedAt);
}
