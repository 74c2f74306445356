import { configurationSchema, streamSettingsSchema } from '@logbert/contracts';
import { openGraph } from '@logbert/graph-runner';
import { trainStream, type Turn } from '@logbert/pipeline';
import { beforeAll, describe, expect, it } from 'vitest';
import type { AcceptOrder, ModelOrder, PartitionName } from './detector-protocol';
import { packRecords } from './packed-records';
import { PartitionDetectors } from './partition-detectors';

const [START_MS, STREAM] = [Date.UTC(2030, 0, 1), 'shop'];
const configuration = configurationSchema.parse({ training: { epochs: 1, model: { hidden: 16 } } });
const settings = streamSettingsSchema.parse({ window: { kind: 'sliding', size: 10, stride: 5 } });
const WORDS = ['accepted', 'loaded', 'authorised', 'captured', 'answered'];

const recordsOf = (count: number) =>
  Array.from({ length: count }, (_, offset) => ({
    offset,
    receivedAtMs: START_MS + offset,
    value: new TextEncoder().encode(`order was ${WORDS[offset % WORDS.length]}`),
  }));

describe('detectors that let others in within a batch', () => {
  let files: ModelOrder['files'];

  beforeAll(async () => {
    const records = recordsOf(5_000);
    const trained = await trainStream({
      records: async function* () {
        yield* records;
      },
      ...{ settings, openGraph, now: () => performance.now(), onProgress: () => undefined },
      ...{ training: configuration.training, detection: configuration.detection },
    });
    files = trained.files;
  });

  const model = (modelId: string): ModelOrder => ({
    ...{ type: 'model', stream: STREAM, modelId, files },
  });
  const accept = (partition: PartitionName, count: number): AcceptOrder => ({
    ...{ type: 'accept', partition, nextOffset: count, highWatermark: count },
    groups: [{ stream: STREAM, records: packRecords(recordsOf(count)) }],
  });

  it('goes on when the model, the settings and another partition come in between', async () => {
    const [own, other] = [0, 1].map((partition) => ({ source: 'logs', partition, epoch: 1 }));
    if (!own || !other) throw new Error('there are two');
    let passed = 0;
    const between = async () => {
      passed++;
      await detectors.obey({ type: 'stream', stream: STREAM, settings });
      await detectors.obey(model(`m-${passed}`));
      turn.isLong = false;
      await detectors.obey(accept(other, 50));
      turn.isLong = true;
      expect(await detectors.obey({ type: 'snapshot', partition: other })).toMatchObject({
        nextOffset: 50,
      });
      return 7;
    };
    const turn: Turn & { isLong: boolean } = {
      ...{ isLong: false, isWanted: async () => true, pass: between },
    };
    const options = { now: () => START_MS, turn };
    const detectors = new PartitionDetectors(configuration.detection, openGraph, options);
    await detectors.obey({ type: 'stream', stream: STREAM, settings });
    await detectors.obey(model('m-0'));

    turn.isLong = true;
    const found = await detectors.obey(accept(own, 200));
    expect(passed).toBe(6);
    if (!found || !('streams' in found) || !('partition' in found)) throw new Error('no findings');
    const [findings] = found.streams;
    expect(findings).toMatchObject({ lines: 200, windows: 39, failures: [], unscored: new Map() });
    const counted = findings?.templateCounts.reduce((sum, { count }) => sum + count, 0);
    expect(counted).toBe(200);
    const kept = await detectors.obey({ type: 'snapshot', partition: own });
    expect(kept).toMatchObject({ nextOffset: 200, streams: [STREAM] });
  });
});
