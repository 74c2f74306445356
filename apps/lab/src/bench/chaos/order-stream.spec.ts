import { describe, expect, it } from 'vitest';
import { orderStream } from './order-stream';

describe('orderStream', () => {
  const plan = { seed: 3, lines: 5_000, untilMs: Date.UTC(2030, 0, 1), failingEvery: 50 };
  const lines = [...orderStream(plan)];
  const timeOf = ({ text }: { text: string }): string => JSON.parse(text).timestamp;

  it('is the same each time, in the order of its time', () => {
    expect([...orderStream(plan)]).toEqual(lines);
    const times = lines.map(timeOf);
    expect(times).toEqual([...times].sort());
  });

  it('has as many lines as were asked for, and those that its last orders still need', () => {
    expect(lines.length).toBeGreaterThanOrEqual(5_000);
    expect(lines.length).toBeLessThan(5_010);
    const last = new Map(lines.map(({ key, text }) => [key, JSON.parse(text).message]));
    const ends = [...last.values()].map((message) => message.replace(/\d+ ms/, 'N ms'));
    expect(new Set(ends)).toEqual(
      new Set(['201 created in N ms', 'upstream payment answered 503']),
    );
  });
});
