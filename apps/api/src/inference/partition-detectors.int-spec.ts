import { configurationSchema, streamSettingsSchema } from '@logbert/contracts';
import { openGraph } from '@logbert/graph-runner';
import { describe, expect, it } from 'vitest';
import type { AcceptOrder } from './detector-protocol';
import { packRecords } from './packed-records';
import { PartitionDetectors } from './partition-detectors';

const { detection } = configurationSchema.parse({});

describe('PartitionDetectors', () => {
  const order = (streams: readonly string[], epoch = 1, from = 0): AcceptOrder => ({
    type: 'accept',
    partition: { source: 'logs', partition: 0, epoch },
    groups: streams.map((stream, index) => ({
      stream,
      records: packRecords([
        { offset: from + index, receivedAtMs: 1, value: new TextEncoder().encode('a line') },
      ]),
    })),
    nextOffset: from + streams.length,
  });

  const detectors = async (...streams: string[]): Promise<PartitionDetectors> => {
    const made = new PartitionDetectors(detection, openGraph, () => 1);
    const settings = streamSettingsSchema.parse({});
    for (const stream of streams) await made.obey({ type: 'stream', stream, settings });
    return made;
  };

  it('lets everything go when no window is open', async () => {
    const [findings] = await (await detectors('a', 'b')).obey(order(['a', 'b']));
    expect(findings).toMatchObject({ lowWatermark: 2, streams: [{ lines: 1 }, { lines: 1 }] });
  });

  it('parks what one stream cannot stomach and keeps the lines of the others', async () => {
    const [findings] = await (await detectors('a')).obey(order(['a', 'unheard-of']));
    expect(findings?.streams).toMatchObject([
      { stream: 'a', lines: 1, failures: [] },
      { stream: 'unheard-of', lines: 0, failures: [{ offset: 1 }] },
    ]);
    expect(findings?.lowWatermark).toBe(2);
  });

  it('begins a partition anew when its ownership changed in between', async () => {
    const made = await detectors('a');
    await made.obey(order(['a'], 1, 100));
    const [findings] = await made.obey(order(['a'], 2, 50));
    expect(findings).toMatchObject({ partition: { epoch: 2 }, lowWatermark: 51 });
  });
});
