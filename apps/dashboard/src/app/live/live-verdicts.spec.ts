import { TestBed } from '@angular/core/testing';
import { anomalyHeadSchema } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { prepareLiveBed } from '../../testing/live-bed';
import { LiveVerdicts } from './live-verdicts';

describe('LiveVerdicts', () => {
  const head = (id: string, verdict?: object) =>
    anomalyHeadSchema.parse({
      ...{ id, stream: 'shop', windowKey: 'w', firstAt: 1, lastAt: 2, services: [] },
      ...{ pValue: 0.001, decidingChannel: 'rarity', incidentId: null },
      ...(verdict === undefined ? {} : { verdict }),
    });
  const retracted = { state: 'retracted', settledAt: 9, pValue: 0.4 };
  const start = () => {
    const bed = prepareLiveBed();
    const verdicts = TestBed.inject(LiveVerdicts);
    TestBed.tick();
    bed.source().open();
    return { ...bed, verdicts };
  };

  it('brings what was read before up to date', () => {
    const { verdicts, source } = start();
    const read = head('a');
    expect(verdicts.of(read)).toEqual({ state: 'immediate' });
    source().say('verdict', head('a', retracted));
    expect(verdicts.of(read)).toEqual(retracted);
    expect(verdicts.of(head('b'))).toEqual({ state: 'immediate' });
  });

  it('leaves a verdict that was final when it was read', () => {
    const { verdicts } = start();
    expect(verdicts.of(head('a', retracted))).toEqual(retracted);
  });

  it('forgets the oldest of more than a thousand', () => {
    const { verdicts, source } = start();
    for (let count = 0; count <= 1_000; count++)
      source().say('verdict', head(`a${count}`, retracted));
    expect(verdicts.of(head('a0')).state).toBe('immediate');
    expect(verdicts.of(head('a1')).state).toBe('retracted');
  });
});
