import { createRequire } from 'node:module';
import fc from 'fast-check';
import type { KafkaMessage } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { UnpackFailure } from '../codecs/unpack-failure';
import { addCodecs } from './add-codecs';
import { abortedOf, decodeFetchAnswer, type FetchAnswer, type OldFormat } from './fetch-answer';
import { FetchedMessage } from './fetched-message';

/** The client library's own way of writing batches and of reading answers, which nothing has replaced here. */
interface Encoder {
  readonly buffer: Buffer;
}
interface OwnBatch {
  readonly compression?: number;
  readonly firstOffset: number;
  readonly firstTimestamp: number;
  readonly maxTimestamp: number;
  readonly lastOffsetDelta: number;
  readonly records: readonly Encoder[];
}
interface OwnRecord {
  readonly offsetDelta: number;
  readonly timestampDelta: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

const require = createRequire(import.meta.url);
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0') as {
  RecordBatch: (batch: OwnBatch) => Promise<Encoder>;
};
const encodeRecord = require('kafkajs/src/protocol/recordBatch/record/v0') as (
  record: OwnRecord,
) => Encoder;
const oldFormat: OldFormat = {
  Decoder: require('kafkajs/src/protocol/decoder') as OldFormat['Decoder'],
  decodeMessages: require('kafkajs/src/protocol/messageSet/decoder') as OldFormat['decodeMessages'],
};
const libraryDecode = (version: number) =>
  (
    require(`kafkajs/src/protocol/requests/fetch/v${version}/response`) as {
      decode: (raw: Buffer) => Promise<FetchAnswer>;
    }
  ).decode;

const GZIP = 1;
const HEAD_BYTES = 61;
const LENGTH_AT = 8;
const COUNT_AT = 57;
/** The offset and the length, which the length does not count. */
const UNCOUNTED_BYTES = 12;
const ATTRIBUTES_AT = 21;
const LAST_OFFSET_DELTA_AT = 23;
const PRODUCER_ID_AT = 43;
const IS_TRANSACTIONAL = 0b1_0000;
const IS_CONTROL = 0b10_0000;

/** The library takes what each object has by inheritance for values that came before. */
const headerName = fc.string({ maxLength: 9 }).filter((name) => !(name in Object.prototype));
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
const ownRecord = fc.record({
  gap: fc.integer({ min: 0, max: 300 }),
  timestampDelta: fc.integer({ min: -5_000_000, max: 5_000_000_000 }),
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.dictionary(
    headerName,
    fc.oneof(fc.string(), fc.array(fc.string(), { minLength: 2, maxLength: 3 })),
    { maxKeys: 3 },
  ),
});
const ownBatch = fc.record({
  compression: fc.constantFrom(0, GZIP),
  isAppendTime: fc.boolean(),
  records: fc.array(ownRecord, { minLength: 1, maxLength: 20 }),
});
type Drawn = typeof ownBatch extends fc.Arbitrary<infer Batch> ? Batch : never;

/** Batches one after the other, as a broker keeps them. */
async function setOf(batches: readonly Drawn[], baseOffset: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let firstOffset = baseOffset;
  for (const { compression, isAppendTime, records } of batches) {
    let offsetDelta = -1;
    const encoded = records.map(({ gap, ...record }) => {
      offsetDelta += 1 + gap;
      return encodeRecord({ ...record, offsetDelta });
    });
    const { buffer } = await RecordBatch({
      ...{ compression, firstOffset, lastOffsetDelta: offsetDelta, records: encoded },
      ...{ firstTimestamp: 1_700_000_000_000, maxTimestamp: 1_700_000_777_000 },
    });
    if (isAppendTime) buffer.writeInt16BE(compression | 0b1000, ATTRIBUTES_AT);
    parts.push(buffer);
    firstOffset += offsetDelta + 1;
  }
  return Buffer.concat(parts);
}

/** @param aborted producer and first offset of each aborted transaction, of every partition */
function answerOf(
  version: number,
  sets: readonly Buffer[],
  aborted: readonly (readonly [producerId: number, firstOffset: number])[] = [],
): Buffer {
  const int = (value: number) => {
    const buffer = Buffer.alloc(4);
    buffer.writeInt32BE(value);
    return buffer;
  };
  const long = (value: number) => {
    const buffer = Buffer.alloc(8);
    buffer.writeBigInt64BE(BigInt(value));
    return buffer;
  };
  const partition = (set: Buffer, place: number) => [
    ...[int(place), Buffer.from([0, 0]), long(2 ** 40), long(2 ** 40 - 1)],
    ...(version < 5 ? [] : [long(3)]),
    ...[int(aborted.length), ...aborted.flat().map(long)],
    ...(version < 11 ? [] : [int(-1)]),
    ...[int(set.length), set],
  ];
  return Buffer.concat([
    int(17),
    ...(version < 7 ? [] : [Buffer.from([0, 0]), int(0)]),
    ...[int(1), Buffer.from([0, 4]), Buffer.from('logs'), int(sets.length)],
    ...sets.flatMap(partition),
  ]);
}

const readable = ({ offset, timestamp, key, value, headers = {} }: KafkaMessage) => ({
  ...{ offset, timestamp, key, value },
  headers: { ...headers },
});

const told = ({ responses, ...answer }: FetchAnswer) => ({
  ...answer,
  responses: responses.map(({ topicName, partitions }) => ({
    topicName,
    partitions: partitions.map(({ messages, ...partition }) => ({
      ...partition,
      messages: messages.map(readable),
    })),
  })),
});

const messagesIn = async (
  set: Buffer,
  aborted: readonly (readonly [producerId: number, firstOffset: number])[] = [],
) => {
  const { responses } = await decodeFetchAnswer(answerOf(11, [set], aborted), 11, oldFormat);
  return responses[0]?.partitions[0]?.messages ?? [];
};
const drawn = (count: number): Drawn => ({
  compression: 0,
  isAppendTime: false,
  records: Array.from({ length: count }, (_, place) => ({
    ...{ gap: 0, timestampDelta: place, key: null, value: Buffer.from(`line ${place}`) },
    headers: {},
  })),
});

describe('decodeFetchAnswer', () => {
  addCodecs();

  it('reads what the client library itself would read, in every version of the protocol', async () => {
    const batches = fc.array(ownBatch, { maxLength: 3 });
    const drawnSets = fc.array(fc.tuple(batches, fc.nat(2 ** 45)), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 4, max: 11 }), drawnSets, async (version, sets) => {
        const written = await Promise.all(sets.map(([set, from]) => setOf(set, from)));
        const raw = answerOf(version, written);
        const own = told(await libraryDecode(version)(raw));
        expect(told(await decodeFetchAnswer(raw, version, oldFormat))).toEqual(own);
      }),
    );
  });

  it('leaves a batch that is cut off to the next fetch', async () => {
    const set = await setOf([drawn(3), drawn(2)], 10);
    for (const cut of [1, 20, set.length - HEAD_BYTES]) {
      const whole = await messagesIn(set.subarray(0, set.length - cut));
      const count = cut < set.length - HEAD_BYTES ? 3 : 0;
      expect(whole.map(({ offset }) => offset)).toEqual(['10', '11', '12'].slice(0, count));
    }
  });

  it('reads a header without a value as an empty one', async () => {
    const set = await setOf([drawn(1)], 0);
    // In place of no header one of the name "a", whose value is null; the record grows by three bytes.
    const grown = Buffer.concat([set.subarray(0, -1), Buffer.from([2, 2, 97, 1])]);
    grown[HEAD_BYTES] = (grown[HEAD_BYTES] ?? 0) + 3 * 2;
    grown.writeInt32BE(grown.readInt32BE(LENGTH_AT) + 3, LENGTH_AT);
    const [message] = await messagesIn(grown);
    expect(message?.value?.toString()).toBe('line 0');
    expect({ ...message?.headers }).toEqual({ a: Buffer.alloc(0) });
  });

  it('keeps headers that are named as what each object has', async () => {
    const [record] = drawn(1).records;
    if (record === undefined) throw new Error('A record was drawn.');
    const records = [{ ...record, headers: { toString: 'a' } }];
    const [message] = await messagesIn(await setOf([{ ...drawn(1), records }], 0));
    expect({ ...message?.headers }).toEqual({ toString: Buffer.from('a') });
  });

  it('refuses offsets that a number cannot tell apart', async () => {
    const set = await setOf([drawn(2)], 0);
    for (const base of [2n ** 53n - 1n, 2n ** 62n, -1n]) {
      set.writeBigInt64BE(base);
      await expect(messagesIn(set)).rejects.toThrow(UnpackFailure);
    }
  });

  it('goes past offsets whose records compaction took', async () => {
    const set = await setOf([drawn(2)], 5);
    set.writeInt32BE(9, LAST_OFFSET_DELTA_AT);
    const messages = await messagesIn(set);
    expect(messages.map(({ offset }) => offset)).toEqual(['5', '6', '14']);
    expect(messages.at(-1)).toMatchObject({ isControlRecord: true });

    const empty = (await setOf([{ ...drawn(1), compression: GZIP }], 20)).subarray(0, HEAD_BYTES);
    empty.writeInt32BE(HEAD_BYTES - UNCOUNTED_BYTES, LENGTH_AT);
    empty.writeInt32BE(0, COUNT_AT);
    const left = await messagesIn(Buffer.concat([empty, await setOf([drawn(1)], 21)]));
    expect(left.map(({ offset }) => offset)).toEqual(['20', '21']);
    expect(left[0]).toMatchObject({ isControlRecord: true });
  });

  it('has stand-ins at both ends of a batch whose records are not what its head says', async () => {
    const offsetsAndTexts = async (set: Buffer) =>
      (await messagesIn(set)).map(({ offset, value }) => [offset, value?.toString()]);
    const expected = [
      ['0', ''],
      ['3', ''],
      ['4', 'line 0'],
    ];
    const cutOff = await setOf([drawn(4), drawn(1)], 0);
    // The length of the first record.
    cutOff[HEAD_BYTES] = 0xff;
    expect(await offsetsAndTexts(cutOff)).toEqual(expected);

    const tooMany = await setOf([drawn(4), drawn(1)], 0);
    tooMany.writeInt32BE(0x7f_ff_ff_ff, COUNT_AT);
    expect(await offsetsAndTexts(tooMany)).toEqual(expected);
  });

  it('believes no record that names an offset beyond its batch, or that of another record', async () => {
    for (const deltas of [
      [0, 500],
      [0, 0],
      [-1, 1],
    ]) {
      const records = deltas.map((offsetDelta) =>
        encodeRecord({
          ...{ offsetDelta, timestampDelta: 0, key: null, headers: {} },
          value: Buffer.from('forged'),
        }),
      );
      const { buffer } = await RecordBatch({
        ...{ firstOffset: 10, firstTimestamp: 1, maxTimestamp: 1, lastOffsetDelta: 1, records },
      });
      const messages = await messagesIn(buffer);
      expect(messages.map(({ offset }) => offset)).toEqual(['10', '11']);
      expect(messages.map(({ value }) => value?.length)).toEqual([0, 0]);
    }
  });

  it('ends with messages in the order of their offsets or with an error, whatever bytes come', async () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(ownBatch, { minLength: 1, maxLength: 3 }),
        flips,
        async (...drew) => {
          const [batches, changes] = drew;
          const set = await setOf(batches, 100);
          for (const [at, byte] of changes) set[at % set.length] = byte;
          const messages = await messagesIn(set).catch((error: unknown) => {
            expect(error).toBeInstanceOf(Error);
            return [];
          });
          for (const { value, headers } of messages) expect([value, headers]).toHaveLength(2);
          // The beginning of a batch is the broker's to say; within it offsets ascend.
          const columns = new Set(messages.flatMap((message) => columnsOf(message)));
          for (const { offsets } of columns) {
            expect([...offsets]).toEqual([...new Set(offsets)].sort((a, b) => a - b));
          }
        },
      ),
    );
  });

  it('passes over what was aborted, and over the marks of transactions', async () => {
    const inTransaction = async (producerId: number, offset: number, mark?: number) => {
      const set =
        mark === undefined
          ? await setOf([drawn(2)], offset)
          : (
              await RecordBatch({
                ...{ firstOffset: offset, firstTimestamp: 1, maxTimestamp: 1, lastOffsetDelta: 0 },
                records: [
                  encodeRecord({
                    ...{ offsetDelta: 0, timestampDelta: 0, headers: {} },
                    ...{ key: Buffer.from([0, 0, 0, mark]), value: Buffer.alloc(6) },
                  }),
                ],
              })
            ).buffer;
      const attributes = IS_TRANSACTIONAL | (mark === undefined ? 0 : IS_CONTROL);
      set.writeInt16BE(attributes, ATTRIBUTES_AT);
      set.writeBigInt64BE(BigInt(producerId), PRODUCER_ID_AT);
      return set;
    };
    const [ABORT, COMMIT] = [0, 1];
    const set = Buffer.concat([
      await inTransaction(7, 0),
      await inTransaction(8, 2),
      await inTransaction(7, 4, ABORT),
      await inTransaction(7, 5),
      await inTransaction(8, 7, COMMIT),
      await inTransaction(7, 8, COMMIT),
    ]);
    const messages = await messagesIn(set, [[7, 0]]);
    const visible = messages.filter(
      (message) => !('isControlRecord' in message && message.isControlRecord),
    );
    expect(messages.map(({ offset }) => Number(offset))).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
    expect(visible.map(({ offset }) => Number(offset))).toEqual([2, 3, 5, 6]);
  });

  it('leaves messages of before record batches to the library', async () => {
    const { MessageSet } = {
      MessageSet: require('kafkajs/src/protocol/messageSet') as (set: object) => Encoder,
    };
    const entries = [{ key: 'k', value: 'old', timestamp: 5 }];
    const { buffer } = MessageSet({ messageVersion: 1, entries });
    const [message] = await messagesIn(buffer);
    expect(message).toMatchObject({ offset: '0', timestamp: '5', value: Buffer.from('old') });
  });
});

const columnsOf = (message: KafkaMessage) =>
  message instanceof FetchedMessage ? [message.columns] : [];

describe('abortedOf', () => {
  type Written = readonly [producer: bigint, mark?: 'abort' | 'other'];
  const NONE = -1n;
  const [A, B] = [1n, 2n];

  /** What is left of records and marks of one offset each. */
  function leftOf(
    written: readonly Written[],
    aborted: readonly (readonly [producerId: bigint, firstOffset: number])[],
    from = 0,
  ) {
    const batches = written.map(([producerId, mark], place) => ({
      lastOffset: from + place,
      producerId,
      isTransactional: producerId !== NONE,
      mark,
    }));
    const transactions = aborted.map(([producerId, firstOffset]) => ({ producerId, firstOffset }));
    const passedOver = abortedOf(batches, transactions);
    return batches.flatMap((batch) =>
      batch.mark !== undefined || passedOver.has(batch) ? [] : [batch.lastOffset],
    );
  }

  it('passes over transactions that overlap, told in the order of their ends', () => {
    const written: Written[] = [[A], [B], [B, 'abort'], [A], [A, 'abort'], [A], [A, 'other']];
    const aborted = [
      [B, 1],
      [A, 0],
    ] as const;
    expect(leftOf(written, aborted)).toEqual([5]);
  });

  it('passes over two that had both begun before', () => {
    const aborted = [
      [A, 3],
      [B, 5],
    ] as const;
    expect(leftOf([[B], [A], [NONE], [A, 'abort'], [B, 'abort']], aborted, 10)).toEqual([12]);
  });

  it('leaves what was committed before and after by the same producer, and what is in no transaction', () => {
    const written: Written[] = [[A], [A, 'other'], [A], [NONE], [A, 'abort'], [A], [A, 'other']];
    expect(leftOf(written, [[A, 2]])).toEqual([0, 3, 5]);
    expect(leftOf([[A], [NONE]], [])).toEqual([0, 1]);
  });
});
