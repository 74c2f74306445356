import { TestBed } from '@angular/core/testing';
import { anomalyHeadSchema } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { prepareLiveBed } from '../../testing/live-bed';
import { LiveClosings } from './live-closings';

describe('LiveClosings', () => {
  const head = (id: string, change: object = {}) =>
    anomalyHeadSchema.parse({
      ...{ id, stream: 'shop', windowKey: 'w', firstAt: 1, lastAt: 2, services: [] },
      ...{ pValue: 0.001, decidingChannel: 'rarity', incidentId: 'i', state: 'open' },
      ...change,
    });

  it('brings an anomaly up to date whose session was open when it was read', () => {
    const { source } = prepareLiveBed();
    const closings = TestBed.inject(LiveClosings);
    TestBed.tick();
    source().open();
    expect(closings.of(head('a'))).toEqual(head('a'));
    const closed = { state: 'closed', lastAt: 9, pValue: 1e-6 };
    source().say('anomaly-closed', head('a', { ...closed, incidentId: null }));
    expect(closings.of(head('a'))).toEqual(head('a', closed));
    expect(closings.of(head('b'))).toEqual(head('b'));
  });
});
