import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { kafkaConfigSchema, type KafkaConfig } from '@logbert/contracts';
import { Kafka, KafkaJSProtocolError, logLevel, type Admin } from 'kafkajs';

/** The brokers that tests may use; none where `LOGBERT_TEST_KAFKA` does not name any. */
export const testBrokers = (process.env['LOGBERT_TEST_KAFKA'] ?? '')
  .split(',')
  .filter((name) => name !== '');

export interface StoredMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly value: string;
  readonly key: Buffer | null;
}

/** Topics and a consumer group of one test's own. */
export class KafkaTestBed {
  readonly client = new Kafka({ brokers: testBrokers, logLevel: logLevel.NOTHING });
  readonly admin: Admin = this.client.admin();
  readonly config: KafkaConfig;

  private constructor(overrides: Partial<KafkaConfig>) {
    const run = randomUUID().slice(0, 8);
    this.config = kafkaConfigSchema.parse({
      brokers: testBrokers,
      groupId: `detector-${run}`,
      logs: [{ topic: `logs-${run}`, stream: 'default' }],
      keyedTopic: `keyed-${run}`,
      anomaliesTopic: `anomalies-${run}`,
      incidentsTopic: `incidents-${run}`,
      deadLetterTopic: `logs-${run}.dlq`,
      createTopics: true,
      partitions: 2,
      ...overrides,
    });
  }

  static async open(overrides: Partial<KafkaConfig> = {}): Promise<KafkaTestBed> {
    const bed = new KafkaTestBed(overrides);
    await bed.admin.connect();
    return bed;
  }

  get logTopic(): string {
    return this.config.logs[0]?.topic ?? '';
  }

  /** All that a topic has now. */
  async contents(topic: string): Promise<readonly StoredMessage[]> {
    const ends = await this.endsOf(topic);
    const expected = ends.reduce((sum, end) => sum + end, 0);
    const found: StoredMessage[] = [];
    if (expected === 0) return found;
    const consumer = this.client.consumer({
      groupId: `check-${randomUUID()}`,
      maxWaitTimeInMs: 100,
    });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve) => {
      void consumer.run({
        eachMessage: async ({ message }) => {
          const headers = Object.entries(message.headers ?? {});
          found.push({
            headers: Object.fromEntries(headers.map(([name, text]) => [name, String(text)])),
            value: String(message.value),
            key: message.key,
          });
          if (found.length >= expected) resolve();
        },
      });
    });
    await consumer.disconnect();
    return found;
  }

  /** Offsets after the last record of each partition; a topic that was just made may be without a leader for a moment. */
  private async endsOf(topic: string): Promise<readonly number[]> {
    for (;;) {
      try {
        return (await this.admin.fetchTopicOffsets(topic)).map(({ high }) => Number(high));
      } catch (error) {
        if (!(error instanceof KafkaJSProtocolError) || !error.retriable) throw error;
        await sleep(100);
      }
    }
  }

  async dispose(): Promise<void> {
    const { logs, keyedTopic, anomaliesTopic, incidentsTopic, deadLetterTopic } = this.config;
    const own = [
      ...logs.map(({ topic }) => topic),
      keyedTopic,
      anomaliesTopic,
      incidentsTopic,
      deadLetterTopic,
    ];
    const existing = await this.admin.listTopics();
    await this.admin.deleteTopics({ topics: own.filter((topic) => existing.includes(topic)) });
    await this.admin.disconnect();
  }
}
