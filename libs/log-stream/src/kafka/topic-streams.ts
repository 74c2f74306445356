import type { KafkaConfig } from '@logbert/contracts';
import type { KafkaMessage } from 'kafkajs';
import { ColumnLines, ColumnRecord } from './column-record';
import { FetchedMessage } from './fetched-message';
import { type FetchedRecord, recordOf } from './fetched-record';

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
    source: string,
    partition: number,
    messages: readonly KafkaMessage[],
  ): readonly FetchedRecord[] {
    const records: FetchedRecord[] = [];
    const origin = { stream: this.streamOfTopic.get(source) ?? '', source, partition };
    let lines: ColumnLines | undefined;
    for (const message of messages) {
      if (!(message instanceof FetchedMessage)) {
        records.push(recordOf(origin, message));
        continue;
      }
      const { columns, index } = message;
      const isFirst = lines?.columns !== columns;
      if (lines === undefined || isFirst) lines = new ColumnLines(columns, origin);
      // Those of a batch that cannot be unpacked come as one.
      if (lines.unreadable === undefined || isFirst) records.push(new ColumnRecord(lines, index));
    }
    return records;
  }
}
