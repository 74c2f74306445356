import { randomUUID } from 'node:crypto';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { kafkaConfigSchema } from '@logbert/contracts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Collector, textOf } from '../log-stream-contract';
import { BrokerFailure, BrokerSetupFailure } from '../log-stream-failures';
import { KafkaLogStream } from './kafka-log-stream';
import { testBrokers } from './kafka-test-bed';
import { SecuredBroker } from './secured-broker';

const PASSWORD = 'open-sesame';
const hasKafka = testBrokers.length > 0;
const needs = hasKafka ? '' : ' (needs LOGBERT_TEST_KAFKA, and starts one of its own)';

describe.skipIf(!hasKafka)(`a Kafka that asks who we are${needs}`, () => {
  let broker: SecuredBroker;
  beforeAll(async () => {
    broker = await SecuredBroker.start();
  }, 120_000);
  afterAll(() => broker[Symbol.asyncDispose]());

  const configOf = (brokers: string, security: Record<string, unknown>) => {
    const run = randomUUID().slice(0, 8);
    return kafkaConfigSchema.parse({
      ...{ brokers: [brokers], groupId: `detector-${run}`, createTopics: true, partitions: 1 },
      logs: [{ topic: `logs-${run}`, stream: 'default' }],
      ...{ anomaliesTopic: `anomalies-${run}`, incidentsTopic: `incidents-${run}` },
      ...{ deadLetterTopic: `logs-${run}.dlq`, ssl: true, ...security },
    });
  };
  const ownCertificate = () => ({
    caFile: broker.file('ca.pem'),
    certificateFile: broker.file('client.pem'),
    keyFile: broker.file('client-key.pem'),
    keyPassphrase: PASSWORD,
  });
  const open = (brokers: string, security: Record<string, unknown>) =>
    KafkaLogStream.open(configOf(brokers, security), { connectWithinMs: 3_000 });
  const passOneLine = async (brokers: string, security: Record<string, unknown>) => {
    const stream = await open(brokers, security);
    try {
      const collector = new Collector();
      await stream.subscribe(collector.handler);
      await stream.append('default', [Buffer.from('a line')]);
      return (await collector.until(1)).map(textOf);
    } finally {
      await stream.close();
    }
  };

  it('takes our certificate', async () => {
    expect(await passOneLine(broker.mutual, { tls: ownCertificate() })).toEqual(['a line']);
  });

  it.each(['scram-sha-512', 'plain'])('takes our password by %s', async (mechanism) => {
    const security = {
      tls: { caFile: broker.file('ca.pem') },
      sasl: { mechanism, username: 'logbert', password: PASSWORD },
    };
    expect(await passOneLine(broker.sasl, security)).toEqual(['a line']);
  });

  it('says that the password is wrong, and does not wait', async () => {
    const opening = open(broker.sasl, {
      tls: { caFile: broker.file('ca.pem') },
      sasl: { mechanism: 'scram-sha-512', username: 'logbert', password: 'wrong' },
    });
    await expect(opening).rejects.toThrow(BrokerSetupFailure);
  });

  it('says that the authority is not known', async () => {
    const opening = open(broker.sasl, {
      sasl: { mechanism: 'plain', username: 'logbert', password: PASSWORD },
    });
    await expect(opening).rejects.toThrow(BrokerFailure);
    await expect(opening).rejects.toThrow(/unable to verify|self-signed/u);
  });

  it('says that brokers want a certificate', async () => {
    const opening = open(broker.mutual, { tls: { caFile: broker.file('ca.pem') } });
    await expect(opening).rejects.toThrow(/bad certificate|certificate required/u);
  });

  it.each([
    ['is not there', (file: string) => rmSync(file), /certificateFile cannot be read: ENOENT/u],
    ['is no certificate', (file: string) => writeFileSync(file, 'x'), /tls cannot be used/u],
  ])('says that a file %s', async (_, spoil, message) => {
    const certificateFile = broker.file('spoilt.pem');
    copyFileSync(broker.file('client.pem'), certificateFile);
    spoil(certificateFile);
    const opening = open(broker.mutual, { tls: { ...ownCertificate(), certificateFile } });
    await expect(opening).rejects.toThrow(BrokerSetupFailure);
    await expect(opening).rejects.toThrow(message);
  });

  it('takes a renewed certificate for the next connection', async () => {
    const certificateFile = broker.file('renewed.pem');
    copyFileSync(broker.file('client.pem'), certificateFile);
    const stream = await open(broker.mutual, { tls: { ...ownCertificate(), certificateFile } });
    try {
      writeFileSync(certificateFile, 'half of a certif');
      await expect(stream.append('default', [Buffer.from('too early')])).rejects.toThrow();
      copyFileSync(broker.file('client.pem'), certificateFile);
      await stream.append('default', [Buffer.from('a line')]);
    } finally {
      await stream.close();
    }
  });
});
