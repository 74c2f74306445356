import { describe, expect, it } from 'vitest';
import { describeRefused } from './describe-refused';

describe('describeRefused', () => {
  const receiptOf = (rejected: number, reason = 'too long') => ({
    accepted: 2,
    rejected,
    reasons: Array.from({ length: Math.min(rejected, 20) }, (_, at) => ({ line: at + 1, reason })),
  });

  it('names what was refused, why, and that the rest is kept', () => {
    expect(describeRefused(receiptOf(1), 'entry')).toBe(
      '1 of 3 refused, the rest is kept; do not send it again: entry 1 (too long)',
    );
  });

  it('names few of many, in fewer characters than senders cut it after', () => {
    const text = describeRefused(receiptOf(5_000, 'x'.repeat(100)), 'log record');
    expect(text).toContain('5000 of 5002 refused');
    expect(text).toMatch(/log record 5 \(x+\), 4995 more$/);
    expect(text.length).toBeLessThan(1_024);
  });
});
