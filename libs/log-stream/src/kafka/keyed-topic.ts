import { STREAM_HEADER, type KafkaConfig } from '@logbert/contracts';
import type { KafkaMessage, Message } from 'kafkajs';
import { DEAD_LETTER_HEADERS, originHeaders } from '../dead-letter';
import type { RawRecord } from '../log-stream';
import { type ConsumedTopics, type FetchedRecord, TopicStreams } from './topic-streams';

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

/** With the key and the time of receipt that the line had where it came from; place and offset are the keyed topic's. */
function asItCame(record: FetchedRecord): FetchedRecord {
  const key = record.headers[DEAD_LETTER_HEADERS.key];
  const receivedAtMs = Number(record.headers[DEAD_LETTER_HEADERS.receivedAt]);
  return { ...record, key, receivedAtMs: receivedAtMs > 0 ? receivedAtMs : record.receivedAtMs };
}

/** The message as it is sent on: its value and headers as they were, and where it came from. */
export function keyedMessage(
  message: KafkaMessage,
  record: RawRecord,
  key: string | Buffer | null,
): Message {
  const headers = { ...message.headers };
  // One of that name was the producer's own, and says nothing of a key.
  delete headers[DEAD_LETTER_HEADERS.key];
  return {
    key,
    value: message.value,
    timestamp: message.timestamp,
    headers: {
      ...headers,
      ...(message.key === null ? {} : { [DEAD_LETTER_HEADERS.key]: message.key }),
      ...originHeaders(record),
      [STREAM_HEADER]: record.stream,
    },
  };
}
