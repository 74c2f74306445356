import { configurationSchema, streamSettingsSchema } from '@logbert/contracts';
import { openGraph } from '@logbert/graph-runner';
import { describe, expect, it } from 'vitest';
import type { AcceptOrder, DetectorAnswer } from './detector-protocol';
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
    highWatermark: from + streams.length,
  });

  let nowMs = 1;
  const detectors = async (...streams: string[]): Promise<PartitionDetectors> => {
    const made = new PartitionDetectors(detection, openGraph, { now: () => nowMs });
    const settings = streamSettingsSchema.parse({});
    for (const stream of streams) await made.obey({ type: 'stream', stream, settings });
    return made;
  };

  const snapshotOf = (made: PartitionDetectors, epoch = 1) =>
    made.obey({ type: 'snapshot', partition: { source: 'logs', partition: 0, epoch } });

  it('knows up to where it has read', async () => {
    const made = await detectors('a', 'b');
    const findings = await made.obey(order(['a', 'b']));
    expect(findings).toMatchObject({ streams: [{ lines: 1 }, { lines: 1 }] });
    expect(await snapshotOf(made)).toMatchObject({
      nextOffset: 2,
      streams: ['a', 'b'],
    });
  });

  it('passes over records that it has taken in', async () => {
    const made = await detectors('a', 'b');
    await made.obey(order(['a', 'b']));
    expect(await made.obey(order(['a', 'b']))).toMatchObject({ streams: [] });
    expect(await made.obey(order(['a', 'b'], 1, 1))).toMatchObject({ streams: [{ stream: 'b' }] });
  });

  it('goes on from a state that another one left, and counts no line twice', async () => {
    const former = await detectors('a');
    await former.obey(order(['a'], 1, 100));
    const left = await snapshotOf(former);
    if (!left || !('state' in left) || left.state === null) throw new Error('nothing was left');
    const made = await detectors('a');
    const resumed = await made.obey({
      type: 'resume',
      partition: { source: 'logs', partition: 0, epoch: 7 },
      counted: new Map([['a', 102]]),
      kept: { nextOffset: left.nextOffset, state: left.state },
    });
    expect(resumed).toEqual({ refusal: undefined, judgedAnew: [] });
    const again = await made.obey(order(['a'], 7, 100));
    expect(again).toMatchObject({ streams: [] });
    const counted = await made.obey(order(['a'], 7, 101));
    expect(counted).toMatchObject({
      streams: [{ lines: 1, templateCounts: [], counted: undefined }],
    });
    const fresh = await made.obey(order(['a'], 7, 102));
    expect(fresh).toMatchObject({
      streams: [{ templateCounts: [{ count: 1 }], counted: { fromOffset: 102, nextOffset: 103 } }],
    });
  });

  it('refuses a state that it cannot read, and begins anew', async () => {
    const made = await detectors('a');
    const partition = { source: 'logs', partition: 0, epoch: 1 };
    const kept = { nextOffset: 50, state: new TextEncoder().encode('not a state') };
    const answer = await made.obey({ type: 'resume', partition, counted: new Map(), kept });
    expect(answer).toMatchObject({ refusal: expect.stringContaining('cannot be read') });
    expect(await made.obey(order(['a'], 1, 10))).toMatchObject({ streams: [{ lines: 1 }] });
  });

  it('parks what one stream cannot stomach and keeps the lines of the others', async () => {
    const findings = await (await detectors('a')).obey(order(['a', 'unheard-of']));
    expect(findings && 'streams' in findings && findings.streams).toMatchObject([
      { stream: 'a', lines: 1, failures: [] },
      { stream: 'unheard-of', lines: 0, failures: [{ offset: 1 }] },
    ]);
  });

  const streamsOf = (answer: DetectorAnswer) =>
    answer && 'streams' in answer ? answer.streams : undefined;

  it('keeps what it has seen when only the alert budget is another one', async () => {
    const made = await detectors('a');
    const window = { kind: 'sliding', size: 2, stride: 2 } as const;
    const use = (settings: object) =>
      made.obey({ type: 'stream', stream: 'a', settings: streamSettingsSchema.parse(settings) });
    await use({ window });
    const before = await made.obey(order(Array(9).fill('a')));
    expect(streamsOf(before)?.at(-1)).toMatchObject({ untrainedWindows: 4, openWindows: 1 });

    await use({ window, alertBudget: 0.1 });
    const after = await made.obey(order(['a'], 1, 9));
    expect(streamsOf(after)).toMatchObject([{ untrainedWindows: 5, windows: 1, lines: 1 }]);

    await use({ window: { ...window, size: 3 }, alertBudget: 0.1 });
    const anew = await made.obey(order(['a'], 1, 10));
    expect(streamsOf(anew)?.at(-1)).toMatchObject({ untrainedWindows: 0, openWindows: 1 });
  });

  it('keeps its windows open while the settings that came are of no use', async () => {
    const made = await detectors('a');
    const use = (settings: object) =>
      made.obey({ type: 'stream', stream: 'a', settings: streamSettingsSchema.parse(settings) });
    await made.obey(order(['a', 'a']));
    await use({ sessionKey: { pattern: '(' } });
    expect(streamsOf(await made.obey(order(['a'], 1, 2)))).toMatchObject([
      { lines: 0, openWindows: 1, failures: [{ offset: 2, code: 'log-records/format' }] },
    ]);
    await use({ sessionKey: { pattern: 'x' } });
    expect(streamsOf(await made.obey(order(['a'], 1, 3)))).toMatchObject([
      { windows: 1, failures: [] },
      { lines: 1, openWindows: 1 },
    ]);
  });

  it('takes no window for complete while it was behind or held up itself', async () => {
    nowMs = 1_000_000;
    const made = await detectors('a');
    const lookAgain = async (times: number) => {
      let found: DetectorAnswer;
      for (let look = 0; look < times && !found; look++) {
        nowMs += 500;
        const partition = { source: 'logs', partition: 0, epoch: 1 };
        found = await made.obey({ type: 'close-idle', partition });
      }
      return found;
    };
    await made.obey({ ...order(['a']), highWatermark: 1_000 });
    for (let batch = 0; batch < 20; batch++) {
      expect(await lookAgain(5)).toBeUndefined();
      await made.obey({ ...order(['a'], 1, 1 + batch), highWatermark: 1_000 });
    }
    await made.obey(order(['a'], 1, 21));
    nowMs += 3_600_000;
    expect(await lookAgain(1)).toBeUndefined();
    expect(await lookAgain(100)).toMatchObject({ streams: [{ windows: 1 }] });
  });

  it('begins a partition anew when its ownership changed in between', async () => {
    const made = await detectors('a');
    await made.obey(order(['a'], 1, 100));
    const findings = await made.obey(order(['a'], 2, 50));
    expect(findings).toMatchObject({ partition: { epoch: 2 }, streams: [{ lines: 1 }] });
    expect(await snapshotOf(made, 1)).toBeUndefined();
    expect(await snapshotOf(made, 2)).toMatchObject({ nextOffset: 51 });
  });
});
