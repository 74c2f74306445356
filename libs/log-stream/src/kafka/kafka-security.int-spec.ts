import { randomUUID } from 'node:crypto';
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
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
  let broker: SecuredBroker | undefined;
  beforeAll(async () => {
    broker = await SecuredBroker.start();
  }, 120_000);
  afterAll(() => broker?.[Symbol.asyncDispose]());
  const at = (name: 'mutual' | 'sasl') => broker?.[name] ?? '';
  const file = (name: string) => broker?.file(name) ?? '';

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
    caFile: file('ca.pem'),
    certificateFile: file('client.pem'),
    keyFile: file('client-key.pem'),
    keyPassphrase: PASSWORD,
  });
  const open = (brokers: string, security: Record<string, unknown>) =>
    KafkaLogStream.open(configOf(brokers, security), { connectWithinMs: 500 });
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
    expect(await passOneLine(at('mutual'), { tls: ownCertificate() })).toEqual(['a line']);
  });

  it.each(['scram-sha-512', 'plain'])('takes our password by %s', async (mechanism) => {
    const security = {
      tls: { caFile: file('ca.pem') },
      sasl: { mechanism, username: 'logbert', password: PASSWORD },
    };
    expect(await passOneLine(at('sasl'), security)).toEqual(['a line']);
  });

  it('says that the password is wrong, and does not wait', async () => {
    const opening = open(at('sasl'), {
      tls: { caFile: file('ca.pem') },
      sasl: { mechanism: 'scram-sha-512', username: 'logbert', password: 'wrong' },
    });
    await expect(opening).rejects.toThrow(BrokerSetupFailure);
  });

  it.each([{}, { tls: 'other-ca.pem' }])('says that the authority is not known %j', async (own) => {
    const opening = open(at('sasl'), {
      ...('tls' in own ? { tls: { caFile: file(own.tls) } } : {}),
      sasl: { mechanism: 'plain', username: 'logbert', password: PASSWORD },
    });
    await expect(opening).rejects.toThrow(BrokerFailure);
    await expect(opening).rejects.toThrow(/unable to verify|self-signed/u);
  });

  it('says that the certificate is that of another host', async () => {
    const [, port = ''] = at('mutual').split(':');
    const proxy = createServer((socket) => {
      const onward = connect(Number(port), '127.0.0.1');
      for (const end of [socket, onward]) end.on('error', () => undefined);
      socket.pipe(onward).pipe(socket);
    });
    await new Promise<void>((resolve, reject) => {
      proxy.once('error', reject);
      proxy.listen(0, '127.0.0.2', resolve);
    });
    try {
      const elsewhere = `127.0.0.2:${(proxy.address() as AddressInfo).port}`;
      const opening = open(elsewhere, { tls: ownCertificate() });
      await expect(opening).rejects.toThrow(/does not match certificate's altnames/u);
    } finally {
      proxy.close();
    }
  });

  it('says that brokers want a certificate', async () => {
    const opening = open(at('mutual'), { tls: { caFile: file('ca.pem') } });
    await expect(opening).rejects.toThrow(/bad certificate|certificate required/u);
  });

  it.each([
    ['is not there', (path: string) => rmSync(path), /certificateFile cannot be read: ENOENT/u],
    ['is no certificate', (path: string) => writeFileSync(path, 'x'), /tls cannot be used/u],
  ])('says that a file %s', async (_, spoil, message) => {
    const certificateFile = file('spoilt.pem');
    copyFileSync(file('client.pem'), certificateFile);
    spoil(certificateFile);
    const opening = open(at('mutual'), { tls: { ...ownCertificate(), certificateFile } });
    await expect(opening).rejects.toThrow(BrokerSetupFailure);
    await expect(opening).rejects.toThrow(message);
  });

  it.each([
    ['is empty', () => ''],
    ['is no PEM', () => 'x'],
    ['is cut off', (pem: string) => pem.slice(0, 600)],
    ['is cut off in its second certificate', (pem: string) => `${pem}${pem.slice(0, 600)}`],
  ])('says that the file of authorities %s', async (_, spoil) => {
    const caFile = file('spoilt-ca.pem');
    writeFileSync(caFile, spoil(readFileSync(file('ca.pem'), 'utf8')));
    await expect(open(at('mutual'), { tls: { ...ownCertificate(), caFile } })).rejects.toThrow(
      BrokerSetupFailure,
    );
  });

  it('takes a renewed certificate for the next connection', async () => {
    const certificateFile = file('renewed.pem');
    copyFileSync(file('client.pem'), certificateFile);
    const stream = await open(at('mutual'), { tls: { ...ownCertificate(), certificateFile } });
    try {
      writeFileSync(certificateFile, 'half of a certif');
      await expect(stream.append('default', [Buffer.from('too early')])).rejects.toThrow();
      copyFileSync(file('client.pem'), certificateFile);
      await stream.append('default', [Buffer.from('a line')]);
    } finally {
      await stream.close();
    }
  });
});
