import { TestBed } from '@angular/core/testing';
import { describe, expect, it } from 'vitest';
import { prepareLiveBed } from '../../testing/live-bed';
import { buildIncident, incidentId } from '../../testing/samples';
import { LiveIncidents } from './live-incidents';

const LIST = '/api/v1/incidents?limit=100';

describe('LiveIncidents', () => {
  const start = () => {
    const bed = prepareLiveBed();
    const incidents = TestBed.inject(LiveIncidents);
    TestBed.tick();
    return { ...bed, incidents };
  };

  it('reads the list each time a connection opens, so that nothing missed stays wrong', () => {
    const { http, incidents, source } = start();
    source().open();
    TestBed.tick();
    http.expectOne(LIST).flush({ items: [buildIncident()], nextCursor: null });
    TestBed.tick();
    http.verify();
    expect(incidents.open()).toHaveLength(1);

    source().fail(false);
    source().open();
    TestBed.tick();
    const closed = buildIncident({ state: 'closed', closedAt: 9_000 });
    http.expectOne(LIST).flush({ items: [closed], nextCursor: null });
    expect(incidents.open()).toEqual([]);
    expect(incidents.recentlyClosed()).toEqual([closed]);
  });

  it('keeps what an event told while the list was under way', () => {
    const { http, incidents, source } = start();
    source().open();
    TestBed.tick();
    const news = buildIncident({ anomalyCount: 9 });
    source().say('incident', news);
    const other = buildIncident({ id: incidentId(2) });
    http.expectOne(LIST).flush({ items: [buildIncident(), other], nextCursor: null });
    expect(incidents.get(news.id)?.anomalyCount).toBe(9);
    expect(incidents.get(other.id)).toEqual(other);
  });

  it('takes the incident that comes with a root cause', () => {
    const { incidents, source } = start();
    const cause = { service: 'payment', title: 'timed out', score: 0.6 };
    const incident = buildIncident({ topCause: cause });
    source().say('root-cause', { incidentId: incident.id, incident });
    expect(incidents.get(incident.id)?.topCause).toEqual(cause);
  });

  it('says why the list could not be read, and reads it again when asked', () => {
    const { http, incidents, source } = start();
    source().open();
    TestBed.tick();
    http.expectOne(LIST).flush('no', { status: 503, statusText: 'Service Unavailable' });
    expect(incidents.error()).toBeDefined();
    expect(incidents.isLoaded()).toBe(false);
    incidents.load();
    http.expectOne(LIST).flush({ items: [], nextCursor: null });
    expect([incidents.error(), incidents.isLoaded()]).toEqual([undefined, true]);
  });
});
