import { STREAM_HEADER } from '@logbert/contracts';
import type { KafkaMessage } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { UnpackFailure } from '../codecs/unpack-failure';
import { FetchedMessage } from './fetched-message';
import { RecordColumns } from './record-columns';
import { TopicStreams } from './topic-streams';
import { buildStandIn } from './unreadable-batch';

const streams = new TopicStreams([{ topic: 'logs', stream: 'shop' }]);
const HEAD = { baseOffset: 40, firstTimestamp: 1_000, appendedAt: undefined };

const varint = (value: number): number[] => {
  const doubled = value * 2;
  return doubled < 0x80 ? [doubled] : [(doubled % 0x80) | 0x80, doubled >>> 7];
};
const field = (text: string | null | Buffer) =>
  text === null ? [1] : [...varint(Buffer.byteLength(text)), ...Buffer.from(text)];

interface Written {
  readonly key?: string | Buffer | null;
  readonly value: string | null;
  readonly headers?: readonly (readonly [name: string, value: string | null])[];
}

function messagesOf(records: readonly Written[]): readonly KafkaMessage[] {
  const bytes = records.flatMap(({ key = null, value, headers = [] }, place) => {
    const named = headers.flatMap(([name, text]) => [...field(name), ...field(text)]);
    const times = [0, ...varint(place * 10), ...varint(place)];
    const body = [...times, ...field(key), ...field(value), ...varint(headers.length), ...named];
    return [...varint(body.length), ...body];
  });
  const { length: count } = records;
  const head = { ...HEAD, count, lastOffsetDelta: count - 1 };
  const columns = new RecordColumns(Buffer.from(bytes), head);
  return records.map((_, index) => new FetchedMessage(columns, index, false));
}

const read = (records: readonly Written[]) =>
  streams
    .recordsOf('logs', 3, messagesOf(records))
    .map(({ stream, source, partition, offset, key, headers, value, size, receivedAtMs }) => ({
      ...{ stream, source, partition, offset, key, size, receivedAtMs },
      headers: { ...headers },
      value: Buffer.from(value).toString(),
    }));

describe('TopicStreams.recordsOf', () => {
  it('reads records of columns', () => {
    expect(read([{ key: 'k', value: 'one' }, { value: null }])).toEqual([
      {
        ...{ stream: 'shop', source: 'logs', partition: 3, offset: 40, key: 'k', size: 3 },
        ...{ receivedAtMs: 1_000, headers: {}, value: 'one' },
      },
      {
        ...{ stream: 'shop', source: 'logs', partition: 3, offset: 41, key: undefined, size: 0 },
        ...{ receivedAtMs: 1_010, headers: {}, value: '' },
      },
    ]);
  });

  it('reads the headers of each record, also where those of its neighbour differ', () => {
    const headers = [
      ['a', '1'],
      ['a', '2'],
    ] as const;
    const told = read([
      { value: 'x', headers },
      { value: 'yy', headers },
      { value: 'z', headers: [['__proto__', 'p']] },
      { value: 'z' },
      { value: 'x', headers: [[STREAM_HEADER, 'other']] },
      { value: 'x', headers: [[STREAM_HEADER, null]] },
      { value: 'x', key: Buffer.from([0xff]) },
    ]);
    expect(told.map((record) => record.headers)).toEqual([
      { a: '2' },
      { a: '2' },
      { ['__proto__']: 'p' },
      {},
      { [STREAM_HEADER]: 'other' },
      { [STREAM_HEADER]: '' },
      { 'logbert-origin-key-base64': '/w==' },
    ]);
    const named = ['shop', 'shop', 'shop', 'shop', 'other', 'shop', 'shop'];
    expect(told.map(({ stream }) => stream)).toEqual(named);
  });

  it('reads many headers of one name in a time that grows with their number', () => {
    const headers = Array.from({ length: 60_000 }, () => ['', null] as const);
    const bytes = [0, 0, 0, 1, 1, ...[0xc0, 0xa9, 0x07], ...headers.flatMap(() => [0, 1])];
    const length = bytes.length * 2;
    const digits = [(length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14];
    const record = Buffer.from([...digits, ...bytes]);
    const columns = new RecordColumns(record, { ...HEAD, count: 1, lastOffsetDelta: 0 });
    expect(columns.headersOf(0)['']).toHaveLength(60_000);
  });

  it('has one record for a batch that cannot be unpacked, with its packed bytes', () => {
    const failure = new UnpackFailure('damaged', 'it is broken');
    const { bytes, count } = buildStandIn(Buffer.from('packed'), 9, failure);
    const columns = new RecordColumns(bytes, { ...HEAD, count, lastOffsetDelta: 9 });
    const messages = [0, 1].map((index) => new FetchedMessage(columns, index, false));
    expect(messages.map(({ offset }) => offset)).toEqual(['40', '49']);
    const records = streams.recordsOf('logs', 0, messages);
    expect(records.map(({ offset, unreadable }) => [offset, unreadable])).toEqual([[40, failure]]);
    expect(Buffer.from(records[0]?.value ?? []).toString()).toBe('packed');
  });
});
