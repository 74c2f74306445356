import {
  type Anomaly,
  configurationSchema,
  ROUTES,
  type Stream,
  streamSettingsSchema,
} from '@logbert/contracts';
import { openGraph } from '@logbert/graph-runner';
import request from 'supertest';
import { describe, expect, it } from 'vitest';
import { IncidentRecorder } from '../incidents/incident-recorder';
import { StreamsService } from '../streams/streams.service';
import { UntrainedLedger } from '../streams/untrained-ledger';
import { startTestServer } from '../testing/test-server';
import type { PartitionFindings } from './detector-protocol';
import { packRecords } from './packed-records';
import { PartitionDetectors } from './partition-detectors';

const START_MS = Date.UTC(2030, 0, 1);
const STREAM = 'young';
const PARTITION = { source: 'logs', partition: 0, epoch: 1 };
const STEPS = ['request accepted', 'page was read', 'answered and done'];

describe('a stream that never had a model', () => {
  it('raises an anomaly, and says how far it is', async () => {
    await using server = await startTestServer();
    const { nest } = server.application;
    const settings = streamSettingsSchema.parse({ alertBudget: 0.01 });
    await nest.get(StreamsService).configure(STREAM, settings);
    const { detection } = configurationSchema.parse({});
    let nowMs = START_MS;
    const detectors = new PartitionDetectors(detection, openGraph, { now: () => nowMs });
    await detectors.obey({ type: 'stream', stream: STREAM, settings });

    let offset = 0;
    const send = async (sessions: readonly (readonly string[])[]): Promise<void> => {
      const records = sessions.flatMap((steps) => {
        nowMs += 1_000;
        const session = `s-${nowMs}`;
        return steps.map((message) => ({
          offset: offset++,
          receivedAtMs: nowMs,
          value: Buffer.from(JSON.stringify({ service: 'web', request_id: session, message })),
        }));
      });
      await detectors.obey({
        type: 'accept',
        partition: PARTITION,
        groups: [{ stream: STREAM, records: packRecords(records) }],
        nextOffset: offset,
        highWatermark: offset,
      });
      // The detector hears a second at a time.
      for (let second = 0; second < 15; second++) {
        nowMs += 1_000;
        const found = await detectors.obey({ type: 'close-idle', partition: PARTITION });
        for (const one of (found as PartitionFindings | undefined)?.streams ?? []) {
          await nest.get(IncidentRecorder).record({ ...one, counted: undefined });
          nest
            .get(UntrainedLedger)
            .note({ ...PARTITION, stream: one.stream }, one.untrainedWindows);
        }
      }
    };
    const streamOf = async (): Promise<Stream> =>
      (await request(server.url).get(ROUTES.stream.replace(':name', STREAM)).expect(200)).body;
    const anomalies = async (): Promise<readonly Pick<Anomaly, 'id'>[]> =>
      (await request(server.url).get(`${ROUTES.anomalies}?stream=${STREAM}`).expect(200)).body
        .items;

    expect((await streamOf()).untrained).toEqual({ windowsSeen: 0, windowsNeeded: 100 });
    await send(Array.from({ length: 60 }, () => STEPS));
    await send([[...STEPS, 'disk sda1 is full']]);
    await expect.poll(async () => (await streamOf()).untrained?.windowsSeen).toBe(61);
    expect(await anomalies()).toEqual([]);

    await send(Array.from({ length: 240 }, () => STEPS));
    await send([[...STEPS, 'nobody answers in the depot', 'giving up for good']]);
    const [found, ...others] = await anomalies();
    expect(others).toEqual([]);
    const whole = await request(server.url)
      .get(ROUTES.anomaly.replace(':id', found?.id ?? ''))
      .expect(200);
    expect(whole.body).toMatchObject({
      modelId: null,
      decidingChannel: 'novelty',
      services: ['web'],
      rates: [],
    });
    expect(
      (whole.body as Anomaly).lines
        .filter(({ isNovel }) => isNovel)
        .map(({ template }) => template),
    ).toEqual(['nobody answers in the depot', 'giving up for good']);
  });
});
