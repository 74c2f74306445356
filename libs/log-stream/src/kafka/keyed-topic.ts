import type { KafkaConfig } from '@logbert/contracts';
import type { IHeaders, KafkaMessage, Message } from 'kafkajs';
import { DEAD_LETTER_HEADERS, originHeaders } from '../dead-letter';
import type { RawRecord } from '../log-stream';
import type { FetchedRecord } from './fetched-record';
import { binaryKeyHeaders } from './record-key';
import { type ConsumedTopics, TopicStreams } from './topic-streams';

/** Time of receipt, partition, offset, stream and topic of a line that was sent on; names have no spaces. */
const ORIGIN_HEADER = 'logbert-origin';

/** The topics that detectors read: those that carry logs, or the one that they are sent on to. */
export function detectedTopics({ rekey, keyedTopic, logs }: KafkaConfig): ConsumedTopics {
  const topicStreams = new TopicStreams(logs);
  return rekey ? new KeyedTopic(keyedTopic, topicStreams) : topicStreams;
}

/** The topic of lines that were keyed anew; each says in headers where it came from. */
class KeyedTopic implements ConsumedTopics {
  readonly topics: readonly string[];

  constructor(
    topic: string,
    private readonly topicStreams: TopicStreams,
  ) {
    this.topics = [topic];
  }

  recordsOf(
    topic: string,
    partition: number,
    messages: readonly KafkaMessage[],
  ): readonly FetchedRecord[] {
    return this.topicStreams.recordsOf(topic, partition, messages).map(asItCame);
  }
}

/** With stream, key and time of receipt that the line had where it came from; place and offset are the keyed topic's. */
function asItCame(record: FetchedRecord): FetchedRecord {
  const { [ORIGIN_HEADER]: told = '', ...headers } = record.headers;
  const [receivedAt, partition, offset, stream, source] = told.split(' ');
  if (source === undefined || stream === undefined) return record;
  const origin = { source, partition: Number(partition), offset: Number(offset) };
  const receivedAtMs = Number(receivedAt);
  return {
    stream,
    source: record.source,
    partition: record.partition,
    offset: record.offset,
    key: headers[DEAD_LETTER_HEADERS.key],
    headers: { ...headers, ...originHeaders({ ...origin, receivedAtMs }) },
    value: record.value,
    receivedAtMs,
    unreadable: record.unreadable,
  };
}

/** The message as it is sent on: its value and headers as they were, and where it came from. */
export function keyedMessage(
  message: KafkaMessage,
  { receivedAtMs, partition, offset, stream, source }: RawRecord,
  key: string | Buffer | null,
): Message {
  const headers: IHeaders = {
    ...message.headers,
    // In one: the client library takes long over each.
    [ORIGIN_HEADER]: [receivedAtMs, partition, offset, stream, source].join(' '),
  };
  // One of that name was the producer's own, and says nothing of a key.
  delete headers[DEAD_LETTER_HEADERS.key];
  delete headers[DEAD_LETTER_HEADERS.binaryKey];
  if (message.key !== null) headers[DEAD_LETTER_HEADERS.key] = message.key;
  Object.assign(headers, binaryKeyHeaders(message.key));
  return { key, value: message.value, timestamp: message.timestamp, headers };
}
