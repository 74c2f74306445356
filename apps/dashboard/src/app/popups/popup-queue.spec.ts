import { describe, expect, it } from 'vitest';
import type { Incident } from '@logbert/contracts';
import { buildIncident, incidentId } from '../../testing/samples';
import { announce, dismiss, MOST_POPUPS, type PopupQueue, sayChange } from './popup-queue';

const EMPTY: PopupQueue = { shown: [], dismissed: new Set() };
const incident = (number: number, given: Partial<Incident> = {}) =>
  buildIncident({ id: incidentId(number), ...given });
const after = (...incidents: Incident[]) => incidents.reduce(announce, EMPTY);
const numbers = (queue: PopupQueue) => queue.shown.map(({ id }) => Number(id.slice(-3)));

describe('announce', () => {
  it('shows one popup an incident and brings it up to date in its place', () => {
    const queue = after(incident(1), incident(2), incident(1, { anomalyCount: 9 }));
    expect(numbers(queue)).toEqual([1, 2]);
    expect(queue.shown[0]?.anomalyCount).toBe(9);
  });

  it('never shows more than three and lets the oldest of equal weight go', () => {
    const queue = after(incident(1), incident(2), incident(3), incident(4));
    expect(queue.shown).toHaveLength(MOST_POPUPS);
    expect(numbers(queue)).toEqual([2, 3, 4]);
  });

  it('keeps a critical popup and lets the least severe go, be it the new one', () => {
    const critical = incident(1, { severity: 'critical' });
    expect(numbers(after(critical, incident(2), incident(3), incident(4)))).toEqual([1, 3, 4]);
    const low = incident(4, { severity: 'low' });
    expect(numbers(after(critical, incident(2), incident(3), low))).toEqual([1, 2, 3]);
  });

  it('lets a closed one go first, whatever its severity', () => {
    const queue = after(incident(1), incident(2, { severity: 'critical' }), incident(3));
    const closed = announce(queue, incident(2, { severity: 'critical', state: 'closed' }));
    expect(closed.shown).toHaveLength(3);
    expect(numbers(announce(closed, incident(4)))).toEqual([1, 3, 4]);
  });

  it('opens none for an incident that is closed or acknowledged already', () => {
    expect(after(incident(1, { state: 'closed' })).shown).toEqual([]);
    expect(after(incident(1, { isAcknowledged: true })).shown).toEqual([]);
  });

  it('does not bring a dismissed one back', () => {
    const queue = dismiss(after(incident(1), incident(2)), incidentId(1));
    expect(numbers(announce(queue, incident(1, { anomalyCount: 50 })))).toEqual([2]);
  });
});

describe('sayChange', () => {
  const cause = { service: 'payment', title: 'timed out', score: 0.6 };

  it('announces a new incident and later its cause, but no mere count', () => {
    expect(sayChange(undefined, incident(1))).toBe('high incident: payment: time-outs.');
    expect(sayChange(incident(1), incident(1, { anomalyCount: 8 }))).toBeUndefined();
    expect(sayChange(incident(1), incident(1, { topCause: cause }))).toBe(
      'Likely cause found: payment, timed out.',
    );
  });

  it('says that an incident was taken back', () => {
    const closed = incident(1, { state: 'closed', retractedCount: 3 });
    expect(sayChange(incident(1), closed)).toBe('Incident taken back: payment: time-outs.');
  });

  it('announces the end once', () => {
    const closed = incident(1, { state: 'closed' });
    expect(sayChange(incident(1), closed)).toBe('Incident closed: payment: time-outs.');
    expect(sayChange(closed, closed)).toBeUndefined();
  });
});
