import { describe, expect, it } from 'vitest';
import { buildOtlpAnswer, encodeOtlpAnswer } from './otlp-answer';

describe('the answer to an OTLP export', () => {
  const receipt = (rejected: number) => ({
    accepted: 1,
    rejected,
    reasons: rejected === 0 ? [] : [{ line: 2, reason: 'odd' }],
  });

  it.each([
    ['nothing was sent', undefined],
    ['all was kept', receipt(0)],
  ])('leaves partial success out when %s', (_case, given) => {
    const answer = buildOtlpAnswer(given);
    expect(answer).toEqual({});
    expect(encodeOtlpAnswer(answer)).toHaveLength(0);
  });

  it('tells how many were refused and why, the number as text in JSON', () => {
    const { partialSuccess } = buildOtlpAnswer(receipt(1));
    expect(partialSuccess?.rejectedLogRecords).toBe('1');
    expect(partialSuccess?.errorMessage).toContain('log record 2 (odd)');
  });

  it('is the same in protobuf', () => {
    const partialSuccess = { rejectedLogRecords: '300', errorMessage: 'no' };
    // partial_success (1, message of 7 bytes) { rejected_log_records (1, varint) 300; error_message (2, text) "no" }
    expect(encodeOtlpAnswer({ partialSuccess }).toString('hex')).toBe('0a0708ac0212026e6f');
  });
});
