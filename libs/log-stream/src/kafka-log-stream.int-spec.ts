import { randomUUID } from 'node:crypto';
import { kafkaConfigSchema } from '@logbert/contracts';
import { Kafka, logLevel } from 'kafkajs';
import { describe, it } from 'vitest';
import { KafkaLogStream } from './kafka/kafka-log-stream';
import { describeLogStream } from './log-stream-contract';

const brokers = (process.env['LOGBERT_TEST_KAFKA'] ?? '').split(',').filter((name) => name !== '');

if (brokers.length === 0) {
  describe('KafkaLogStream', () => {
    it.skip('needs LOGBERT_TEST_KAFKA, a list of brokers (node tools/kafka-broker.mjs starts one)');
  });
} else {
  describeLogStream('KafkaLogStream', async () => {
    const run = randomUUID().slice(0, 8);
    const config = kafkaConfigSchema.parse({
      brokers,
      groupId: `detector-${run}`,
      logs: [{ topic: `logs-${run}`, stream: 'default' }],
      anomaliesTopic: `anomalies-${run}`,
      incidentsTopic: `incidents-${run}`,
      deadLetterTopic: `logs-${run}.dlq`,
      createTopics: true,
      partitions: 2,
    });
    const client = new Kafka({ brokers, logLevel: logLevel.NOTHING });
    const admin = client.admin();
    await admin.connect();

    /** All that a topic has now. */
    const contents = async (topic: string) => {
      const ends = (await admin.fetchTopicOffsets(topic)).map(({ high }) => Number(high));
      const expected = ends.reduce((sum, end) => sum + end, 0);
      const found: { headers: Record<string, string>; value: string }[] = [];
      if (expected === 0) return found;
      const consumer = client.consumer({ groupId: `check-${randomUUID()}`, maxWaitTimeInMs: 100 });
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await new Promise<void>((resolve) => {
        void consumer.run({
          eachMessage: async ({ message }) => {
            const headers = Object.entries(message.headers ?? {});
            found.push({
              headers: Object.fromEntries(headers.map(([name, text]) => [name, String(text)])),
              value: String(message.value),
            });
            if (found.length >= expected) resolve();
          },
        });
      });
      await consumer.disconnect();
      return found;
    };

    return {
      open: ({ batchSize }) => KafkaLogStream.open(config, { batchSize }),
      published: async (topic) => (await contents(`${topic}-${run}`)).map(({ value }) => value),
      deadLetters: () => contents(config.deadLetterTopic),
      dispose: async () => {
        await admin.deleteTopics({
          topics: [
            ...config.logs.map(({ topic }) => topic),
            config.anomaliesTopic,
            config.incidentsTopic,
            config.deadLetterTopic,
          ],
        });
        await admin.disconnect();
      },
    };
  });
}
