import { createServer, type AddressInfo } from 'node:net';
import { kafkaConfigSchema, STREAM_HEADER } from '@logbert/contracts';
import { CompressionTypes, Partitioners, type Message } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Collector, textOf } from '../log-stream-contract';
import type { RecordBatch } from '../log-stream';
import { BrokerFailure, BrokerSetupFailure } from '../log-stream-failures';
import type { StreamNotice } from '../stream-notice';
import { KafkaLogStream } from './kafka-log-stream';
import { KafkaTestBed, testBrokers } from './kafka-test-bed';
import { readKafka } from './read-kafka';

const hasBroker = testBrokers.length > 0;
const needs = hasBroker ? '' : ' (needs LOGBERT_TEST_KAFKA)';

describe('KafkaLogStream without a broker', () => {
  it('says that it waits, and gives up in time', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    const config = kafkaConfigSchema.parse({ brokers: [`127.0.0.1:${port}`] });
    const notices: StreamNotice[] = [];
    const opening = KafkaLogStream.open(config, {
      connectWithinMs: 1_500,
      report: (notice) => notices.push(notice),
    });
    await expect(opening).rejects.toThrow(BrokerFailure);
    await expect(opening).rejects.toThrow(`No Kafka broker answers at 127.0.0.1:${port}`);
    expect(notices.filter(({ kind }) => kind === 'waiting-for-broker').length).toBeGreaterThan(0);
  });
});

describe.skipIf(!hasBroker)(`KafkaLogStream on a broker${needs}`, () => {
  let bed: KafkaTestBed;
  const open: KafkaLogStream[] = [];

  beforeEach(async () => {
    bed = await KafkaTestBed.open();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((stream) => stream.close()));
    await bed.dispose();
  });

  const openStream = async (options: { report?: (notice: StreamNotice) => void } = {}) => {
    const stream = await KafkaLogStream.open(bed.config, { batchSize: 50, ...options });
    open.push(stream);
    return stream;
  };
  const produce = async (messages: Message[], compression = CompressionTypes.None) => {
    const producer = bed.client.producer({
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
    });
    await producer.connect();
    await producer.send({ topic: bed.logTopic, messages, compression });
    await producer.disconnect();
  };
  const until = async (isSo: () => boolean | Promise<boolean>) => {
    const deadline = Date.now() + 40_000;
    while (!(await isSo())) {
      if (Date.now() > deadline) throw new Error('it did not come in time');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const committed = async (stream: KafkaLogStream) =>
    new Map((await stream.lag()).map((lag) => [lag.partition, lag.committed]));

  it('names the topics that are missing', async () => {
    const config = { ...bed.config, createTopics: false };
    await expect(KafkaLogStream.open(config)).rejects.toThrow(BrokerSetupFailure);
    await expect(KafkaLogStream.open(config)).rejects.toThrow(bed.logTopic);
  });

  it('takes what other producers send: compressed, without a key, with headers', async () => {
    const stream = await openStream();
    await produce(
      [
        { partition: 0, value: 'plain' },
        { partition: 0, key: 'k', value: Buffer.from([0xff, 0x00]), headers: { a: ['1', '2'] } },
        { partition: 0, value: 'named', headers: { [STREAM_HEADER]: 'shop' } },
        { partition: 0, key: 'tombstone', value: null },
      ],
      CompressionTypes.GZIP,
    );
    const seen = new Collector();
    await stream.subscribe(seen.handler);
    const records = await seen.until(4);
    expect(records.map((record) => record.stream)).toEqual([
      'default',
      'default',
      'shop',
      'default',
    ]);
    expect(records.map((record) => record.key)).toEqual([undefined, 'k', undefined, 'tombstone']);
    expect([...(records[1]?.value ?? [])]).toEqual([0xff, 0x00]);
    expect(records[1]?.headers).toEqual({ a: '2' });
    expect(records[3]?.value).toHaveLength(0);
  });

  it('parks a record of a stream that cannot be, and commits past it', async () => {
    const stream = await openStream();
    await produce([
      { partition: 1, value: 'good' },
      { partition: 1, value: 'bad', headers: { [STREAM_HEADER]: '../../etc' } },
    ]);
    const seen = new Collector(async (batch) => {
      batch.release((batch.records.at(-1)?.offset ?? 0) + 1);
    });
    await stream.subscribe(seen.handler);
    await until(async () => (await committed(stream)).get(1) === 2);
    expect((await seen.until(1)).map(textOf)).toEqual(['good']);
    const [letter] = await bed.contents(bed.config.deadLetterTopic);
    expect(letter?.headers['logbert-reason']).toContain('log-stream/stream-name');
    expect(letter?.headers['logbert-origin-offset']).toBe('1');
  });

  it('does not let one stuck partition keep the others waiting', async () => {
    const stream = await openStream();
    await produce([{ partition: 0, value: 'stuck' }]);
    const free = new Collector();
    let unstick: () => void = () => undefined;
    const stuck = new Promise<void>((resolve) => (unstick = resolve));
    await stream.subscribe(async (batch) => {
      if (batch.partition === 0) await stuck;
      else await free.handler(batch);
    });
    for (let line = 0; line < 5; line++) await produce([{ partition: 1, value: `${line}` }]);
    expect((await free.until(5)).map(textOf)).toEqual(['0', '1', '2', '3', '4']);
    unstick();
  });

  it('hands partitions over when a member comes and goes, and fences what was released late', async () => {
    const first = await openStream();
    const lines = (from: number, count: number): Message[] =>
      Array.from({ length: count }, (_, place) => ({
        partition: (from + place) % 2,
        value: `${from + place}`,
      }));
    await produce(lines(0, 20));
    const batches: RecordBatch[] = [];
    const delivered = new Set<string>();
    const collect = async (batch: RecordBatch) => {
      batches.push(batch);
      for (const record of batch.records) delivered.add(textOf(record));
    };
    await first.subscribe(collect);
    await until(() => delivered.size === 20);
    const early = [...batches];
    expect(new Set(early.map(({ epoch }) => epoch))).toEqual(new Set([1]));

    const second = await openStream();
    const seenBySecond = new Collector();
    await second.subscribe(async (batch) => {
      await collect(batch);
      await seenBySecond.handler(batch);
    });
    // Nothing was released: what each has now is delivered from the beginning, in a new epoch.
    await seenBySecond.until(10);
    await until(() => batches.some(({ epoch }) => epoch >= 2 && early[0]?.epoch !== epoch));
    expect(early.every(({ signal }) => signal.aborted)).toBe(true);

    for (const batch of early) batch.release(10);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect([...(await committed(first)).values()]).toEqual([0, 0]);

    await second.close();
    await produce(lines(20, 10));
    await until(() => delivered.size === 30);
    await until(async () => {
      // Again and again: the other partition may be delivered anew only now.
      for (const batch of batches) batch.release((batch.records.at(-1)?.offset ?? 0) + 1);
      return (await first.lag()).every(({ lag }) => lag === 0);
    });
  });

  it('publishes more than one request takes', async () => {
    const stream = await openStream();
    const line = Buffer.alloc(1_000, 'x');
    await stream.append('shop', Array<Buffer>(5_000).fill(line));
    expect((await stream.lag()).reduce((sum, { end }) => sum + end, 0)).toBe(5_000);
    await expect(stream.append('shop', [Buffer.alloc(3_000_000)])).rejects.toMatchObject({
      code: 'log-stream/record-too-large',
      retriable: false,
    });
    await stream.append('shop', [Buffer.from('after it')]);
    expect((await stream.lag()).reduce((sum, { end }) => sum + end, 0)).toBe(5_001);

    const range = { stream: 'shop', fromMs: 0, toMs: Date.now() + 60_000, limit: 10_000 };
    let read = 0;
    for await (const record of readKafka(bed.config, range)) read += record.value.length;
    expect(read).toBe(5_000 * 1_000 + 8);
  });
});
