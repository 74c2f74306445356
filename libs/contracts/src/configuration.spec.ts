import { describe, expect, it } from 'vitest';
import { configurationSchema } from './configuration';

describe('configurationSchema', () => {
  it('gives a complete configuration for an empty one', () => {
    const configuration = configurationSchema.parse({});
    expect(configuration.server.port).toBe(3000);
    expect(configuration.defaultStream.window).toEqual({
      kind: 'session',
      idleMs: 'auto',
      maxLength: 4096,
    });
  });

  it.each([
    [0.2, true],
    [{ from: 0.15, to: 0.5 }, true],
    [{ from: 0.5, to: 0.15 }, false],
    [{ from: 0.5 }, false],
    [1, false],
  ])('takes a mask ratio of %j: %s', (maskRatio, isTaken) => {
    expect(configurationSchema.safeParse({ training: { maskRatio } }).success).toBe(isTaken);
  });

  it('names an unknown key', () => {
    const answer = configurationSchema.safeParse({ server: { prot: 1 } });
    expect(answer.error?.issues[0]).toMatchObject({ path: ['server'], keys: ['prot'] });
  });

  it.each([
    [{ ssl: true, tls: { caFile: '/etc/ca.pem' } }, undefined],
    [{ ssl: false, tls: { caFile: '/etc/ca.pem' } }, 'must be true when'],
    [{ ssl: true, tls: { caFile: 'ca.pem' } }, 'must be an absolute path'],
    [{ ssl: true, tls: { certificateFile: '/etc/own.pem' } }, 'belong together'],
  ])('takes certificates %j unless %s', (security, refusal) => {
    const kafka = { brokers: ['kafka:9093'], ...security };
    const answer = configurationSchema.safeParse({ logStream: { kind: 'kafka', kafka } });
    expect(answer.error?.issues[0]?.message).toEqual(
      refusal === undefined ? undefined : expect.stringContaining(refusal),
    );
  });

  it('asks for a broker when Kafka is chosen', () => {
    const answer = configurationSchema.safeParse({ logStream: { kind: 'kafka' } });
    expect(answer.error?.issues[0]?.path).toEqual(['logStream', 'kafka', 'brokers']);
  });
});
