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
    bed = await KafkaTestBed.open();
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
  const produce = async (messages: Message[]) => {
    const producer = bed.client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    await producer.send({ topic: bed.logTopic, messages });
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
});
