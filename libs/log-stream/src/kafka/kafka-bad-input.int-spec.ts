import { randomUUID } from 'node:crypto';
import { Partitioners, type Message } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Collector, textOf } from '../log-stream-contract';
import type { StreamNotice } from '../stream-notice';
import { KafkaLogStream } from './kafka-log-stream';
import { KafkaTestBed, testBrokers } from './kafka-test-bed';

const hasBroker = testBrokers.length > 0;
const needs = hasBroker ? '' : ' (needs LOGBERT_TEST_KAFKA)';
/** What a broker takes at most in one request, head and all, unless it is told otherwise. */
const BROKER_MAX_BYTES = 1_048_588;
const HEAD_BYTES = 100;

describe.skipIf(!hasBroker)(`what brokers and producers can do to us${needs}`, () => {
  let bed: KafkaTestBed;
  const open: KafkaLogStream[] = [];
  const notices: StreamNotice[] = [];

  beforeEach(async () => {
    notices.length = 0;
    const run = randomUUID().slice(0, 8);
    bed = await KafkaTestBed.open({
      logs: ['default', 'other'].map((stream) => ({ topic: `logs-${run}-${stream}`, stream })),
    });
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((stream) => stream.close()));
    await bed.dispose();
  });

  const openStream = async () => {
    const report = (notice: StreamNotice) => void notices.push(notice);
    const stream = await KafkaLogStream.open(bed.config, { batchSize: 50, report });
    open.push(stream);
    return stream;
  };
  const produce = async (messages: Message[], topic = bed.logTopic) => {
    const producer = bed.client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    await producer.send({ topic, messages });
    await producer.disconnect();
  };
  const lines = (from: number, to: number): Message[] =>
    Array.from({ length: to - from }, (_, place) => ({ partition: 0, value: `${from + place}` }));

  it('goes on at the oldest record that is left when its place was deleted, and tells so', async () => {
    const first = await openStream();
    await produce(lines(0, 10));
    const before = new Collector(async (batch) => batch.release(2));
    await first.subscribe(before.handler);
    await before.until(10);
    await first.close();

    // The client asks for no leader by itself here.
    await bed.admin.fetchTopicOffsets(bed.logTopic);
    const partitions = [{ partition: 0, offset: '6' }];
    await bed.admin.deleteTopicRecords({ topic: bed.logTopic, partitions });
    const second = await openStream();
    const after = new Collector();
    await second.subscribe(after.handler);
    expect((await after.until(4)).map(textOf)).toEqual(['6', '7', '8', '9']);
    const told = notices.filter((notice) => notice.kind === 'client' && notice.level === 'error');
    expect(JSON.stringify(told)).toMatch(/offset/i);
  });

  it('takes records as large as the broker takes them', async () => {
    const stream = await openStream();
    const largest = Buffer.alloc(BROKER_MAX_BYTES - HEAD_BYTES, 'x');
    await produce([{ partition: 0, value: largest }]);
    await produce(lines(0, 2));
    const seen = new Collector();
    await stream.subscribe(seen.handler);
    const records = await seen.until(3);
    expect(records.map(({ value }) => value.length)).toEqual([largest.length, 1, 1]);
  });

  it('parks a record as large as the broker takes them, cut, since its origin is added', async () => {
    const stream = await openStream();
    const largest = Buffer.alloc(BROKER_MAX_BYTES - HEAD_BYTES, 'x');
    await produce([{ partition: 0, value: largest }]);
    const poison = new Collector(async () => {
      throw new TypeError('it can never be read');
    });
    await stream.subscribe(poison.handler);
    const deadline = Date.now() + 40_000;
    while ((await stream.deadLetterSpans()).length === 0) {
      if (Date.now() > deadline) throw new Error('it was not parked in time');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const [letter] = await bed.contents(bed.config.deadLetterTopic);
    expect(letter?.headers['logbert-truncated-from']).toBe(String(largest.length));
    expect(letter?.value.length).toBeLessThan(largest.length);
  });

  it('sends a dead letter again under the key that it came with, also one that is no text', async () => {
    const key = Buffer.from([0xff, 0x00, 0x80, 0xfe]);
    const stream = await openStream();
    await produce([{ key, value: 'poison' }]);
    const poison = new Collector(async () => {
      throw new TypeError('it can never be read');
    });
    await stream.subscribe(poison.handler);
    await expect.poll(() => stream.deadLetterSpans(), { timeout: 20_000 }).toHaveLength(1);
    for await (const letter of stream.readDeadLetters(await stream.deadLetterSpans())) {
      await stream.replay(letter);
    }
    const sent = await bed.contents(bed.logTopic);
    expect(sent.map(({ value }) => value)).toEqual(['poison', 'poison']);
    expect(sent.map(({ key: own }) => own)).toEqual([key, key]);
    expect(Object.keys(sent[1]?.headers ?? {})).not.toContain('logbert-origin-key-base64');
  });

  /** Makes it again once the brokers have done away with the one before. */
  const createTopic = (topic: string) =>
    expect
      .poll(
        () =>
          bed.admin.createTopics({ topics: [{ topic, numPartitions: 2 }] }).catch(() => undefined),
        { timeout: 20_000 },
      )
      .toBe(true);
  const kinds = () => notices.map(({ kind }) => kind);

  it('goes on with the other topics when one is deleted, and with that one when it is there again', async () => {
    const [gone = '', kept = ''] = bed.config.logs.map(({ topic }) => topic);
    const stream = await openStream();
    const seen = new Collector(async (batch) => batch.release(batch.nextOffset));
    await stream.subscribe(seen.handler);
    await produce(lines(0, 2), gone);
    await produce(lines(0, 2), kept);
    await seen.until(4);
    const waiting = async () => (await stream.lag()).reduce((sum, { lag }) => sum + lag, 0);
    await expect.poll(waiting, { timeout: 20_000 }).toBe(0);

    await bed.admin.deleteTopics({ topics: [gone] });
    await expect.poll(kinds, { timeout: 40_000 }).toContain('topics-missing');
    await produce(lines(2, 4), kept);
    expect((await seen.until(6)).slice(4).map(textOf)).toEqual(['2', '3']);
    // Asked about the topic that is gone as well, the library would fail for both.
    await expect.poll(async () => (await stream.lag()).map(({ source }) => source)).toContain(kept);

    await createTopic(gone);
    await expect.poll(kinds, { timeout: 40_000 }).toContain('topics-found');
    await produce(lines(4, 6), gone);
    const found = (await seen.until(8)).slice(6);
    expect(found.map(textOf)).toEqual(['4', '5']);
    expect(found.map(({ source }) => source)).toEqual([gone, gone]);
  }, 120_000);

  it('takes lines for one topic while another one is missing, and those for that one when it is there again', async () => {
    const [gone = '', kept = ''] = bed.config.logs.map(({ topic }) => topic);
    const stream = await openStream();
    await stream.append('default', [Buffer.from('before')]);
    await bed.admin.deleteTopics({ topics: [gone] });
    await expect.poll(() => bed.admin.listTopics(), { timeout: 20_000 }).not.toContain(gone);

    const ended: string[] = [];
    const refusal = stream.append('default', [Buffer.from('lost?')]).catch((error) => {
      ended.push('refused');
      return error;
    });
    await stream.append('other', [Buffer.from('meanwhile')]);
    ended.push('taken');
    const refused = await refusal;
    expect(ended).toEqual(['taken', 'refused']);
    expect(refused).toMatchObject({ code: 'log-stream/broker', retriable: true });
    expect(String(refused.message)).toContain(gone);
    expect((await bed.contents(kept)).map(({ value }) => value)).toEqual(['meanwhile']);

    await createTopic(gone);
    await expect
      .poll(
        () =>
          stream.append('default', [Buffer.from('again')]).then(
            () => true,
            () => false,
          ),
        {
          timeout: 20_000,
        },
      )
      .toBe(true);
    expect((await bed.contents(gone)).map(({ value }) => value)).toEqual(['again']);
  }, 120_000);

  it('starts with the topics that there are, says which are missing, and needs one at the least', async () => {
    const [gone = '', kept = ''] = bed.config.logs.map(({ topic }) => topic);
    await (await openStream()).close();
    await bed.admin.deleteTopics({ topics: [gone] });
    await expect.poll(() => bed.admin.listTopics(), { timeout: 20_000 }).not.toContain(gone);
    const config = { ...bed.config, createTopics: false };
    const report = (notice: StreamNotice) => void notices.push(notice);
    const stream = await KafkaLogStream.open(config, { report });
    open.push(stream);
    const seen = new Collector();
    await stream.subscribe(seen.handler);
    expect(notices).toContainEqual({ kind: 'topics-missing', topics: [gone] });
    await produce(lines(0, 2), kept);
    await seen.until(2);
    // One that reads for a training, or answers for its lag only.
    const other = await KafkaLogStream.open(config);
    open.push(other);
    expect((await other.lag()).map(({ source }) => source)).toEqual([kept, kept]);
    const range = { stream: 'other', fromMs: 0, toMs: Date.now() + 60_000, limit: 10 };
    const read: string[] = [];
    for await (const record of other.read(range)) read.push(textOf(record));
    expect(read).toEqual(['0', '1']);

    await bed.admin.deleteTopics({ topics: [kept] });
    await expect.poll(() => bed.admin.listTopics(), { timeout: 20_000 }).not.toContain(kept);
    await expect(KafkaLogStream.open(config)).rejects.toThrow(`no topic "${gone}", "${kept}"`);
  }, 120_000);

  it('reads partitions that a topic gets later', async () => {
    const stream = await openStream();
    const seen = new Collector(async (batch) => batch.release(batch.nextOffset));
    await stream.subscribe(seen.handler);
    await produce(lines(0, 2));
    await seen.until(2);
    const topicPartitions = [{ topic: bed.logTopic, count: 3 }];
    await bed.admin.createPartitions({ topicPartitions });
    await produce([{ partition: 2, value: 'there' }]);
    const last = (await seen.until(3)).at(-1);
    expect(last).toMatchObject({ partition: 2, source: bed.logTopic });
  }, 120_000);
});
