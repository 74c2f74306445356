import { TestBed } from '@angular/core/testing';
import { throughputSchema } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { prepareLiveBed } from '../../testing/live-bed';
import { LiveTraffic } from './live-traffic';

const sample = (at: number) =>
  throughputSchema.parse({
    stream: 'shop',
    at,
    linesPerSecond: 5,
    windowsPerSecond: 1,
    anomalies: 0,
    lag: 0,
  });

describe('LiveTraffic', () => {
  it('joins what was read of the time before with what the event stream tells', () => {
    const { source } = prepareLiveBed();
    const traffic = TestBed.inject(LiveTraffic);
    TestBed.tick();
    source().say('throughput', sample(3_000));
    traffic.addHistory('shop', [sample(1_000), sample(2_000), sample(3_000)]);
    source().say('throughput', sample(4_000));
    expect(traffic.samples().get('shop')).toEqual([1_000, 2_000, 3_000, 4_000].map(sample));
  });
});
