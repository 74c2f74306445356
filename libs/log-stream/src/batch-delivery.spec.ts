import { Failure } from '@logbert/failure';
import { describe, expect, it } from 'vitest';
import { BatchDelivery } from './batch-delivery';
import type { RawRecord } from './log-stream';

class PoisonFailure extends Failure {
  readonly code = 'test/poison';
  readonly retriable = false;
}

describe('BatchDelivery', () => {
  const place = { source: 'logs', partition: 0 };
  const record: RawRecord = {
    ...place,
    stream: 's',
    offset: 7,
    key: undefined,
    headers: {},
    value: new Uint8Array(),
    receivedAtMs: 1,
  };
  const reasonFor = async (error: unknown) => {
    const reasons: string[] = [];
    const delivery = new BatchDelivery(
      () => Promise.reject(error),
      async (_record, reason) => void reasons.push(reason),
      () => undefined,
    );
    await delivery.deliver({
      ...place,
      epoch: 1,
      records: [record],
      firstOffset: 7,
      nextOffset: 8,
      highWatermark: 8,
      release: () => undefined,
      goBackTo: () => undefined,
      signal: new AbortController().signal,
    });
    return reasons;
  };

  it('parks with the code and a short message', async () => {
    expect(await reasonFor(new PoisonFailure('unreadable'))).toEqual(['test/poison: unreadable']);
    expect((await reasonFor(new PoisonFailure('x'.repeat(9_999))))[0]).toHaveLength(200);
  });

  it('keeps no query and no parameters with the record', async () => {
    const error = new Error('Failed query: insert into t values ($1) params: hunter2');
    expect(await reasonFor(error)).toEqual(['unforeseen: Error']);
  });
});
