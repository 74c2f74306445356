import { describe, it } from 'vitest';
import { KafkaLogStream } from './kafka/kafka-log-stream';
import { KafkaTestBed, testBrokers } from './kafka/kafka-test-bed';
import { describeLogStream } from './log-stream-contract';

if (testBrokers.length === 0) {
  describe('KafkaLogStream', () => {
    it.skip('needs LOGBERT_TEST_KAFKA, a list of brokers (node tools/kafka-broker.mjs starts one)');
  });
} else {
  describeLogStream('KafkaLogStream', async () => {
    const bed = await KafkaTestBed.open();
    const { anomaliesTopic, incidentsTopic, deadLetterTopic } = bed.config;
    return {
      open: ({ batchSize }) => KafkaLogStream.open(bed.config, { batchSize }),
      published: async (topic) => {
        const name = topic === 'anomalies' ? anomaliesTopic : incidentsTopic;
        return (await bed.contents(name)).map(({ value }) => value);
      },
      publishedHeaders: async (topic) => {
        const name = topic === 'anomalies' ? anomaliesTopic : incidentsTopic;
        return (await bed.contents(name)).map(({ headers }) => headers);
      },
      deadLetters: () => bed.contents(deadLetterTopic),
      dispose: () => bed.dispose(),
    };
  });
}
