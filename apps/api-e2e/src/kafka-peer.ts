import { randomUUID } from 'node:crypto';
import { type Admin, Kafka, logLevel } from 'kafkajs';

const MESSAGES_AT_ONCE = 1_000;

export interface KeyedLine {
  readonly key: string | null;
  readonly value: string;
  /** Where the key does not say it. */
  readonly partition?: number;
  /** Epoch milliseconds; the present when left out. */
  readonly timestamp?: string;
}

/** Whoever else speaks to the brokers: one that writes logs, or reads what was found. */
export class KafkaPeer {
  private readonly kafka: Kafka;

  constructor(brokers: readonly string[]) {
    this.kafka = new Kafka({
      brokers: [...brokers],
      clientId: 'e2e',
      logLevel: logLevel.NOTHING,
    });
  }

  /** Resolves when the brokers have every line; those of one key stay in their order. */
  async produce(topic: string, lines: readonly KeyedLine[]): Promise<void> {
    const producer = this.kafka.producer();
    await producer.connect();
    try {
      for (let start = 0; start < lines.length; start += MESSAGES_AT_ONCE) {
        const messages = lines.slice(start, start + MESSAGES_AT_ONCE);
        await producer.send({ topic, messages: messages.map((line) => ({ ...line })) });
      }
    } finally {
      await producer.disconnect();
    }
  }

  /** Every value of a topic, from its beginning to where it ends now. */
  async readAll(topic: string): Promise<readonly string[]> {
    const ends = await this.asking((admin) => admin.fetchTopicOffsets(topic));
    let left = ends.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
    const values: string[] = [];
    if (left === 0) return values;
    const consumer = this.kafka.consumer({ groupId: `e2e-${randomUUID()}` });
    await consumer.connect();
    try {
      await consumer.subscribe({ topic, fromBeginning: true });
      await new Promise<void>((resolve, reject) => {
        const eachMessage = ({ message }: { message: { value: Buffer | null } }) => {
          values.push(String(message.value));
          if (--left === 0) resolve();
          return Promise.resolve();
        };
        consumer.run({ autoCommit: false, eachMessage }).catch(reject);
      });
    } finally {
      await consumer.disconnect();
    }
    return values;
  }

  /** Records of a topic that a group has not committed yet. */
  async lagOf(groupId: string, topic: string): Promise<number> {
    return this.asking(async (admin) => {
      const ends = await admin.fetchTopicOffsets(topic);
      const [group] = await admin.fetchOffsets({ groupId, topics: [topic] });
      const lags = ends.map(({ partition, high, low }) => {
        const committed = group?.partitions.find((one) => one.partition === partition)?.offset;
        return Number(high) - Math.max(Number(committed ?? -1), Number(low));
      });
      return lags.reduce((sum, lag) => sum + lag, 0);
    });
  }

  private async asking<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      return await question(admin);
    } finally {
      await admin.disconnect();
    }
  }
}
