import { describe, expect, it } from 'vitest';
import { buildIncident, incidentId } from '../../testing/samples';
import { isAskedFor, withNews } from './incident-filter';

const ANY = { state: 'all', stream: undefined, severity: undefined, text: '' } as const;

describe('isAskedFor', () => {
  it('looks for the text in title, services and cause, whatever the case', () => {
    const cause = { service: 'db-proxy', title: 'Disk full', score: 1 };
    const incident = buildIncident({ topCause: cause });
    for (const text of ['TIME-OUTS', 'gateway', 'disk', ' db-proxy ']) {
      expect(isAskedFor(incident, { ...ANY, text })).toBe(true);
    }
    expect(isAskedFor(incident, { ...ANY, text: 'catalogue' })).toBe(false);
  });

  it('joins the conditions', () => {
    const incident = buildIncident();
    expect(isAskedFor(incident, { ...ANY, state: 'open', severity: 'high' })).toBe(true);
    expect(isAskedFor(incident, { ...ANY, state: 'open', severity: 'low' })).toBe(false);
    expect(isAskedFor(incident, { ...ANY, stream: 'nginx' })).toBe(false);
  });
});

describe('withNews', () => {
  const listed = [buildIncident({ id: incidentId(2), openedAt: 200 })];

  it('lets news take the place of what was listed', () => {
    const closed = buildIncident({ id: incidentId(2), openedAt: 200, state: 'closed' });
    expect(withNews(listed, [closed], false)).toEqual([closed]);
  });

  it('leaves out what belongs to a page that is not read yet', () => {
    const newer = buildIncident({ id: incidentId(3), openedAt: 300 });
    const older = buildIncident({ id: incidentId(1), openedAt: 100 });
    const shown = withNews(listed, [newer, older], false).map(({ openedAt }) => openedAt);
    expect(shown).toEqual([300, 200]);
    expect(withNews(listed, [older], true)).toHaveLength(2);
  });
});
