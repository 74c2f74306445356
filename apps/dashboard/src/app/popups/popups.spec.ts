import { TestBed } from '@angular/core/testing';
import { describe, expect, it } from 'vitest';
import { buildStorage, prepareLiveBed } from '../../testing/live-bed';
import { buildIncident, incidentId } from '../../testing/samples';
import { Popups } from './popups';

describe('Popups', () => {
  const start = (storage = buildStorage()) => {
    const bed = prepareLiveBed(storage);
    const popups = TestBed.inject(Popups);
    TestBed.tick();
    return { ...bed, popups };
  };

  it('follows an incident from its first word to its cause in one popup', () => {
    const { popups, source, spoken } = start();
    const incident = buildIncident();
    const cause = { service: 'payment', title: 'timed out', score: 0.6 };
    source().say('incident', incident);
    source().say('incident', { ...incident, anomalyCount: 7 });
    source().say('root-cause', {
      incidentId: incident.id,
      incident: { ...incident, topCause: cause },
    });
    expect(popups.shown()).toEqual([{ ...incident, topCause: cause }]);
    expect(spoken).toEqual([
      'high incident: payment: time-outs.',
      'Likely cause found: payment, timed out.',
    ]);
  });

  it('counts the open incidents that found no room', () => {
    const { popups, source } = start();
    for (const number of [1, 2, 3, 4, 5]) {
      source().say('incident', buildIncident({ id: incidentId(number) }));
    }
    expect(popups.shown()).toHaveLength(3);
    expect(popups.hiddenCount()).toBe(2);
  });

  it('remembers over a reload what was dismissed', () => {
    const first = start();
    first.source().say('incident', buildIncident());
    first.popups.dismiss(incidentId(1));
    TestBed.resetTestingModule();

    const { popups, source, spoken } = start(first.storage);
    source().say('incident', buildIncident());
    expect(popups.shown()).toEqual([]);
    expect(popups.hiddenCount()).toBe(0);
    expect(spoken).toEqual([]);
  });

  it('pops up once in a tab: after a reload only what is new', () => {
    const first = start();
    first.source().say('incident', buildIncident());
    TestBed.resetTestingModule();

    const { popups, source } = start(first.storage);
    source().say('incident', buildIncident({ anomalyCount: 9 }));
    source().say('incident', buildIncident({ id: incidentId(2) }));
    expect(popups.shown().map(({ id }) => id)).toEqual([incidentId(2)]);
    // Nobody sent it away: it is counted among those that wait.
    expect(popups.hiddenCount()).toBe(1);
  });

  it('remembers no more than the latest 200', () => {
    const { popups, storage } = start();
    for (let number = 1; number <= 201; number++) popups.dismiss(incidentId(number));
    const remembered = storage.getItem('logbert.popups')?.split(' ');
    expect(remembered).toHaveLength(200);
    expect(remembered?.[0]).toBe(`${incidentId(2)}!`);
  });
});
