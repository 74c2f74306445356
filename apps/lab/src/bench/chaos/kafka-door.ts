import { randomUUID } from 'node:crypto';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import type { OrderLine } from './order-stream';

const MESSAGES_AT_ONCE = 2_000;

/** Whoever else speaks to the broker: one that writes logs, reads what was found, and sees how far a group is. */
export class KafkaDoor {
  private readonly kafka: Kafka;

  constructor(broker: string) {
    this.kafka = new Kafka({
      brokers: [broker],
      clientId: 'chaos',
      logLevel: logLevel.NOTHING,
      retry: { initialRetryTime: 200, maxRetryTime: 2_000, retries: 60 },
    });
  }

  /** Resolves when the broker has every line; those of one key stay in their order. */
  async produce(topic: string, lines: readonly OrderLine[]): Promise<void> {
    const producer = this.kafka.producer();
    await producer.connect();
    try {
      for (let start = 0; start < lines.length; start += MESSAGES_AT_ONCE) {
        const messages = lines
          .slice(start, start + MESSAGES_AT_ONCE)
          .map(({ key, text }) => ({ key, value: text }));
        await producer.send({ topic, messages });
      }
    } finally {
      await producer.disconnect();
    }
  }

  /** Records of a topic that a group has not committed yet. */
  lagOf(groupId: string, topic: string): Promise<number> {
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

  /** Records of a topic. */
  async sizeOf(topic: string): Promise<number> {
    const ends = await this.asking((admin) => admin.fetchTopicOffsets(topic));
    return ends.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
  }

  /** Every value of a topic, from its beginning to where it ends now. */
  async readAll(topic: string): Promise<readonly string[]> {
    let left = await this.sizeOf(topic);
    const values: string[] = [];
    if (left === 0) return values;
    const consumer = this.kafka.consumer({ groupId: `chaos-${randomUUID()}` });
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
