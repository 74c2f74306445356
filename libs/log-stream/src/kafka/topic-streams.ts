import { isUtf8 } from 'node:buffer';
import { STREAM_HEADER, type KafkaConfig } from '@logbert/contracts';
import type { IHeaders, KafkaMessage } from 'kafkajs';
import type { UnpackFailure } from '../codecs/unpack-failure';
import type { RawRecord } from '../log-stream';
import { binaryKeyHeaders } from './record-key';
import { unreadableBatchOf, type UnreadableBatch } from './unreadable-batch';

/** A record, or all records of a batch that cannot be unpacked: its packed bytes at the place of the first one. */
export interface FetchedRecord extends RawRecord {
  readonly unreadable?: UnpackFailure;
}

/** Topics that one consumer group reads, and how their messages become records. */
export interface ConsumedTopics {
  readonly topics: readonly string[];
  recordsOf(
    topic: string,
    partition: number,
    messages: readonly KafkaMessage[],
  ): readonly FetchedRecord[];
}

/** Which topic carries which stream, and how a message becomes a record of one. */
export class TopicStreams implements ConsumedTopics {
  private readonly streamOfTopic = new Map<string, string>();
  private readonly topicOfStream = new Map<string, string>();
  private readonly firstTopic: string;

  constructor(logs: KafkaConfig['logs']) {
    for (const { topic, stream } of logs) {
      if (!this.streamOfTopic.has(topic)) this.streamOfTopic.set(topic, stream);
      if (!this.topicOfStream.has(stream)) this.topicOfStream.set(stream, topic);
    }
    this.firstTopic = logs[0]?.topic ?? '';
  }

  get topics(): readonly string[] {
    return [...this.streamOfTopic.keys()];
  }

  /** The topic that lines of the stream are appended to; its records carry the stream in a header. */
  topicOf(stream: string): string {
    return this.topicOfStream.get(stream) ?? this.firstTopic;
  }

  recordsOf(
    topic: string,
    partition: number,
    messages: readonly KafkaMessage[],
  ): readonly FetchedRecord[] {
    const records: FetchedRecord[] = [];
    let passed: UnreadableBatch | undefined;
    for (const message of messages) {
      const record = this.recordOf(topic, partition, message);
      const batch = unreadableBatchOf(message.value);
      if (batch === undefined) records.push(record);
      else if (batch !== passed) {
        records.push({ ...record, value: batch.packed, unreadable: batch.failure });
      }
      passed = batch;
    }
    return records;
  }

  private recordOf(topic: string, partition: number, message: KafkaMessage): RawRecord {
    const headers = headersOf(message);
    return {
      stream: headers[STREAM_HEADER] ?? this.streamOfTopic.get(topic) ?? '',
      source: topic,
      partition,
      offset: Number(message.offset),
      key: message.key?.toString(),
      headers,
      value: message.value ?? new Uint8Array(0),
      receivedAtMs: Number(message.timestamp),
    };
  }
}

function headersOf({ key, headers }: KafkaMessage): Readonly<Record<string, string>> {
  const texts = textHeaders(headers);
  // Of nearly all records: nothing is made for them.
  if (key === null || isUtf8(key)) return texts;
  return { ...texts, ...binaryKeyHeaders(key) };
}

/** Shared by records that have none, as most have. */
const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze(Object.create(null));

function textHeaders(headers: IHeaders = {}): Readonly<Record<string, string>> {
  const given = Object.entries(headers);
  if (given.length === 0) return NO_HEADERS;
  const texts: Record<string, string> = Object.create(null);
  for (const [name, value] of given) {
    if (value === undefined) continue;
    // The last one of several counts, as with a key that is set twice.
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined) texts[name] = last.toString();
  }
  return texts;
}
