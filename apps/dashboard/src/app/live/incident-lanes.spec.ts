import { describe, expect, it } from 'vitest';
import { buildIncident, incidentId } from '../../testing/samples';
import { lanesOf } from './incident-lanes';

const closed = (number: number, openedAt: number, lastSeenAt: number) =>
  buildIncident({ id: incidentId(number), openedAt, lastSeenAt, state: 'closed' });
const lanes = (...incidents: ReturnType<typeof closed>[]) =>
  lanesOf(incidents, 0, 1_000).map(({ lane }) => lane);

describe('lanesOf', () => {
  it('uses a lane again when its incident is over', () => {
    expect(lanes(closed(1, 0, 100), closed(2, 50, 300), closed(3, 100, 200))).toEqual([0, 1, 0]);
  });

  it('lets what is too much share the last lane', () => {
    const many = [1, 2, 3, 4, 5, 6].map((number) => closed(number, number, 900));
    expect(lanes(...many)).toEqual([0, 1, 2, 3, 3, 3]);
  });

  it('cuts what began before, leaves out what was over, and lets an open one last', () => {
    const entries = lanesOf(
      [closed(1, 0, 90), closed(2, 50, 150), buildIncident({ openedAt: 120, lastSeenAt: 130 })],
      100,
      1_000,
    );
    expect(entries.map(({ fromMs, toMs }) => [fromMs, toMs])).toEqual([
      [100, 150],
      [120, 1_000],
    ]);
  });
});
