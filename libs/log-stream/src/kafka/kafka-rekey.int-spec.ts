import { STREAM_HEADER } from '@logbert/contracts';
import { type Message, Partitioners } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEAD_LETTER_HEADERS } from '../dead-letter';
import type { RawRecord, RecordBatch } from '../log-stream';
import { Collector, textOf } from '../log-stream-contract';
import { BrokerSetupFailure } from '../log-stream-failures';
import { KafkaLogStream } from './kafka-log-stream';
import type { KeysOf } from './kafka-router';
import { KafkaTestBed, testBrokers } from './kafka-test-bed';
import { PartitionRouter } from './partition-router';
import { RenewableAdmin } from './renewable-admin';
import { readKafka } from './read-kafka';

const hasBroker = testBrokers.length > 0;
const needs = hasBroker ? '' : ' (needs LOGBERT_TEST_KAFKA)';
const PARTITIONS = 4;
const WITHIN = { timeout: 40_000, interval: 100 };

/** Lines are written `session step`. */
const keysOf: KeysOf = async (records) =>
  records.map((record) => /^(\w+) /.exec(textOf(record))?.[1]);

/** Lines of sessions by turns, each to the next partition: a session's lines are in all of them. */
function scattered(sessions: number, steps: number, from = 0): readonly Message[] {
  const lines = Array.from({ length: sessions * steps }, (_, line) => {
    const session = `s${from + (line % sessions)}`;
    return `${session} ${Math.floor(line / sessions)}`;
  });
  return lines.map((value, line) => ({ value, partition: (line * 7 + (line >> 3)) % PARTITIONS }));
}

describe.skipIf(!hasBroker)(`lines that are keyed anew on a broker${needs}`, () => {
  let bed: KafkaTestBed;
  const open: KafkaLogStream[] = [];

  beforeEach(async () => {
    bed = await KafkaTestBed.open({ rekey: true, partitions: PARTITIONS });
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((stream) => stream.close()));
    await bed.dispose();
  });

  const openStream = async (config = bed.config) => {
    const stream = await KafkaLogStream.open(config, { batchSize: 50, keysOf });
    open.push(stream);
    return stream;
  };
  const closeStream = async (stream: KafkaLogStream) => {
    open.splice(open.indexOf(stream), 1);
    await stream.close();
  };
  const produce = async (messages: readonly Message[]) => {
    const producer = bed.client.producer({
      // Else what it sends again for one partition comes twice in the others.
      idempotent: true,
      createPartitioner: Partitioners.DefaultPartitioner,
      allowAutoTopicCreation: false,
    });
    await producer.connect();
    await producer.send({ topic: bed.logTopic, messages: [...messages] });
    await producer.disconnect();
  };
  const releasing = () =>
    new Collector(async (batch) => {
      batch.release(batch.nextOffset);
    });
  const range = { stream: 'default', fromMs: 0, toMs: Date.now() + 3_600_000, limit: 100_000 };
  const keyedLines = async () => {
    const lines: string[] = [];
    for await (const record of readKafka(bed.config, range)) lines.push(textOf(record));
    return lines;
  };
  const deadLettersOf = async (stream: KafkaLogStream) => {
    const letters: RawRecord[] = [];
    for await (const letter of stream.readDeadLetters(await stream.deadLetterSpans())) {
      letters.push(letter);
    }
    return letters;
  };
  const totalLag = async (stream: KafkaLogStream) =>
    (await stream.lag()).reduce((sum, { lag }) => sum + lag, 0);

  it('gives the lines of a session from one partition, each once, whatever partitions they came in', async () => {
    const stream = await openStream();
    const sent = scattered(20, 30);
    await produce(sent);
    const seen = releasing();
    await stream.subscribe(seen.handler);
    const records = await seen.until(sent.length);

    expect(records.map(textOf).sort()).toEqual(sent.map(({ value }) => String(value)).sort());
    const partitionsOf = new Map<string, Set<number>>();
    for (const record of records) {
      const session = textOf(record).split(' ')[0] ?? '';
      partitionsOf.set(session, (partitionsOf.get(session) ?? new Set()).add(record.partition));
    }
    expect([...partitionsOf.values()].map(({ size }) => size)).toEqual(Array(20).fill(1));
    expect(new Set(records.map(({ source }) => source))).toEqual(new Set([bed.config.keyedTopic]));
    // Marks of transactions are no lines that wait.
    await expect.poll(() => totalLag(stream), WITHIN).toBe(0);
  });

  it('keeps the order of a partition, and key, headers, stream and time of a line', async () => {
    const stream = await openStream();
    const timestamp = String(Date.now() - 5_000_000);
    await produce([
      { value: 's1 0', partition: 2, key: 'own', timestamp, headers: { a: ['1', '2'] } },
      { value: 's1 1', partition: 2, headers: { [STREAM_HEADER]: 'shop' } },
      { value: 's1 2', partition: 2, headers: { [DEAD_LETTER_HEADERS.key]: 'forged' } },
      { value: null, key: 'tombstone', partition: 2 },
      { value: 'nobody', partition: 2 },
    ]);
    const seen = releasing();
    await stream.subscribe(seen.handler);
    const records = await seen.until(5);
    const session = records.filter((record) => textOf(record).startsWith('s1'));
    expect(session.map(textOf)).toEqual(['s1 0', 's1 1', 's1 2']);
    expect(session.map((record) => record.stream)).toEqual(['default', 'shop', 'default']);
    expect(session.map(({ key }) => key)).toEqual(['own', undefined, undefined]);
    expect(session[0]?.receivedAtMs).toBe(Number(timestamp));
    expect(session[0]?.headers).toMatchObject({
      a: '2',
      [DEAD_LETTER_HEADERS.topic]: bed.logTopic,
      [DEAD_LETTER_HEADERS.partition]: '2',
      [DEAD_LETTER_HEADERS.offset]: '0',
    });
    const keyless = records.find((record) => textOf(record) === 'nobody') as RawRecord;
    expect([keyless.key, keyless.partition]).toEqual([undefined, 2]);
    expect(records.find(({ key }) => key === 'tombstone')?.value).toHaveLength(0);
  });

  it('sends each line on once while routers join and leave', async () => {
    const first = await openStream();
    const seen = releasing();
    await first.subscribe(seen.handler);
    const sent: Message[] = [];
    for (let round = 0; round < 4; round++) {
      const lines = scattered(50, 20, round * 50);
      sent.push(...lines);
      await produce(lines);
      if (round === 0) await seen.until(1);
      if (round % 2 === 1) continue;
      const second = await openStream();
      await second.subscribe(releasing().handler);
      await produce(scattered(50, 5, 1_000 + round * 50));
      sent.push(...scattered(50, 5, 1_000 + round * 50));
      await closeStream(second);
    }
    await expect.poll(() => totalLag(first), WITHIN).toBe(0);
    // What a transaction moved the position past may be seen a moment later.
    await expect
      .poll(async () => (await keyedLines()).length, WITHIN)
      .toBeGreaterThanOrEqual(sent.length);
    expect((await keyedLines()).sort()).toEqual(sent.map(({ value }) => String(value)).sort());
  });

  it('sends once what is at work for an epoch that is over when the next one comes', async () => {
    await openStream();
    const place = {
      topic: bed.logTopic,
      partition: 0,
      groupId: `${bed.config.groupId}.router`,
      formerGroupId: bed.config.groupId,
      deadLetterTopic: bed.config.deadLetterTopic,
    };
    const router = new PartitionRouter(
      bed.client,
      new RenewableAdmin(bed.client, bed.admin),
      place,
      () => undefined,
    );
    const batch = (from: number, signal: AbortSignal): RecordBatch => ({
      source: bed.logTopic,
      partition: 0,
      epoch: 1,
      records: [from, from + 1].map((offset) => ({
        ...{ stream: 'default', source: bed.logTopic, partition: 0, offset, key: undefined },
        ...{ headers: {}, value: Buffer.from(`line ${offset}`), receivedAtMs: 1 },
      })),
      firstOffset: from,
      nextOffset: from + 2,
      highWatermark: 10,
      release: () => undefined,
      goBackTo: () => undefined,
      signal,
    });
    const partsOf = async (records: readonly RawRecord[]) => [
      {
        topic: bed.config.keyedTopic,
        messages: records.map((record) => ({
          value: textOf(record),
          partition: 0,
          headers: { [STREAM_HEADER]: record.stream },
        })),
      },
    ];
    const [over, present] = [new AbortController(), new AbortController()];
    let goOn: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (goOn = resolve));
    const late = router.route(batch(0, over.signal), async (records) => {
      await held;
      return partsOf(records);
    });
    over.abort();
    const next = router.route(batch(0, present.signal), partsOf);
    const later = router.route(batch(2, present.signal), partsOf);
    const dead = router.route(batch(2, over.signal), partsOf);
    setTimeout(goOn, 500);
    await Promise.all([late, next, later, dead]);
    await router.close();
    await expect
      .poll(async () => (await keyedLines()).sort(), WITHIN)
      .toEqual(['line 0', 'line 1', 'line 2', 'line 3']);
  });

  it('parks with the origin of the line, and sends it back there', async () => {
    const stream = await openStream();
    await produce([{ value: 's1 0', partition: 3, key: 'own', headers: { a: '1' } }]);
    const seen = releasing();
    await stream.subscribe(seen.handler);
    const [record] = await seen.until(1);
    await stream.park(record as RawRecord, 'test/reason');
    const letters = await deadLettersOf(stream);
    expect(letters[0]).toMatchObject({
      key: 'own',
      headers: {
        [DEAD_LETTER_HEADERS.topic]: bed.logTopic,
        [DEAD_LETTER_HEADERS.partition]: '3',
        [DEAD_LETTER_HEADERS.offset]: '0',
        [DEAD_LETTER_HEADERS.reason]: 'test/reason',
      },
    });
    await stream.replay(letters[0] as RawRecord);
    const [, again] = await seen.until(2);
    expect(again).toMatchObject({ key: 'own', headers: { a: '1' } });
    expect(again?.headers[DEAD_LETTER_HEADERS.reason]).toBeUndefined();
    expect(again?.headers[DEAD_LETTER_HEADERS.topic]).toBe(bed.logTopic);
  });

  it('parks what belongs to no stream, or is too large to be sent on, and goes on', async () => {
    const stream = await openStream();
    await bed.admin.alterConfigs({
      validateOnly: false,
      resources: [
        {
          type: 2,
          name: bed.config.keyedTopic,
          configEntries: [{ name: 'max.message.bytes', value: '20000' }],
        },
      ],
    });
    await produce([
      { value: 's1 0', partition: 1 },
      { value: 's1 bad', partition: 1, headers: { [STREAM_HEADER]: '../../etc' } },
      { value: `s1 ${'x'.repeat(30_000)}`, partition: 1 },
      { value: 's1 1', partition: 1 },
    ]);
    const seen = releasing();
    await stream.subscribe(seen.handler);
    expect((await seen.until(2)).map(textOf)).toEqual(['s1 0', 's1 1']);
    const letters = await deadLettersOf(stream);
    const reasons = letters.map(
      ({ headers }) => headers[DEAD_LETTER_HEADERS.reason]?.split(':')[0],
    );
    expect(reasons.sort()).toEqual(['log-stream/record-too-large', 'log-stream/stream-name']);
    await expect.poll(() => totalLag(stream), WITHIN).toBe(0);
  });

  it('begins where detectors without it had come to', async () => {
    const before = await openStream({ ...bed.config, rekey: false });
    await produce([0, 1, 2].map((step) => ({ value: `s1 ${step}`, partition: 0 })));
    const seen = releasing();
    await before.subscribe(seen.handler);
    await seen.until(3);
    await closeStream(before);
    await produce([3, 4].map((step) => ({ value: `s1 ${step}`, partition: 0 })));

    const after = await openStream();
    const rest = releasing();
    await after.subscribe(rest.handler);
    expect((await rest.until(2)).map(textOf)).toEqual(['s1 3', 's1 4']);
    await expect.poll(() => totalLag(after), WITHIN).toBe(0);
  });

  it('reads nothing that was aborted, in whatever order transactions begin and end', async () => {
    const stream = await openStream({ ...bed.config, rekey: false });
    const begin = async (name: string) => {
      const producer = bed.client.producer({
        transactionalId: `${bed.config.groupId}-${name}`,
        maxInFlightRequests: 1,
        createPartitioner: Partitioners.DefaultPartitioner,
      });
      await producer.connect();
      const transaction = await producer.transaction();
      const send = (value: string) =>
        transaction.send({ topic: bed.logTopic, messages: [{ value, partition: 0 }] });
      return { send, transaction, producer };
    };
    const [first, second, third] = [await begin('a'), await begin('b'), await begin('c')];
    await first.send('first was aborted last');
    await second.send('second was aborted first');
    await third.send('third was committed');
    await second.transaction.abort();
    await first.send('first once more');
    await third.transaction.commit();
    await first.transaction.abort();
    await produce([{ value: 'the end', partition: 0 }]);
    await Promise.all([first, second, third].map(({ producer }) => producer.disconnect()));

    const seen = releasing();
    await stream.subscribe(seen.handler);
    expect((await seen.until(2)).map(textOf)).toEqual(['third was committed', 'the end']);
    await expect.poll(() => totalLag(stream), WITHIN).toBe(0);
  });

  it('says which topic is missing', async () => {
    const config = { ...bed.config, createTopics: false };
    await expect(KafkaLogStream.open(config)).rejects.toThrow(BrokerSetupFailure);
    await expect(KafkaLogStream.open(config)).rejects.toThrow(bed.config.keyedTopic);
  });
});
