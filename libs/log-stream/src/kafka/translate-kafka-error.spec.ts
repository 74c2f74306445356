import { KafkaJSNonRetriableError, KafkaJSProtocolError } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { isWithoutLeader } from './translate-kafka-error';

describe('isWithoutLeader', () => {
  const notLeader = new KafkaJSProtocolError(
    Object.assign(new Error('This server is not the leader for that topic-partition'), {
      type: 'NOT_LEADER_FOR_PARTITION',
      code: 6,
    }),
  );

  it('knows what brokers say while a leader is elected, also where it is the cause of another error', () => {
    const wrapped = new Error('gave up', { cause: notLeader });
    expect([isWithoutLeader(notLeader), isWithoutLeader(wrapped)]).toEqual([true, true]);
  });

  it('takes no other error for one that passes', () => {
    const others = [new KafkaJSNonRetriableError('no topic'), new Error('closed'), undefined];
    expect(others.map(isWithoutLeader)).toEqual([false, false, false]);
  });
});
