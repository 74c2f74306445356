import { describe, expect, it } from 'vitest';
import { configurationSchema } from './configuration';

describe('configurationSchema', () => {
  it('gives a complete configuration for an empty one', () => {
    const configuration = configurationSchema.parse({});
    expect(configuration.server.port).toBe(3000);
    expect(configuration.defaultStream.window).toEqual({
      kind: 'session',
      idleMs: 'auto',
      maxLength: 64,
    });
  });

  it('names an unknown key', () => {
    const answer = configurationSchema.safeParse({ server: { prot: 1 } });
    expect(answer.error?.issues[0]).toMatchObject({ path: ['server'], keys: ['prot'] });
  });

  it('asks for a broker when Kafka is chosen', () => {
    const answer = configurationSchema.safeParse({ logStream: { kind: 'kafka' } });
    expect(answer.error?.issues[0]?.path).toEqual(['logStream', 'kafka', 'brokers']);
  });
});
