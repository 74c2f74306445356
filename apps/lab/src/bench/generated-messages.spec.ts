import { describe, expect, it } from 'vitest';
import { GeneratedMessages } from './generated-messages';

describe('GeneratedMessages', () => {
  it('gives the same messages for the same seed', () => {
    const [first, second] = [new GeneratedMessages(50, 7), new GeneratedMessages(50, 7)];
    expect(first.draw(100, true)).toEqual(second.draw(100, true));
    expect(first.each()).not.toEqual(new GeneratedMessages(50, 8).each());
  });

  it('has one message for each template, of 3 to 30 tokens', () => {
    const messages = new GeneratedMessages(500, 1).each();
    expect(messages).toHaveLength(500);
    const lengths = messages.map((message) => message.split(' ').length);
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(3);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(30);
    expect(new Set(lengths).size).toBeGreaterThan(10);
  });

  it('draws few templates most often when skewed, and all alike otherwise', () => {
    const mostOf = (isSkewed: boolean): number => {
      const counts = new Map<string, number>();
      for (const message of new GeneratedMessages(100, 1).draw(10_000, isSkewed)) {
        const start = message.split(' ').slice(0, 2).join(' ');
        counts.set(start, (counts.get(start) ?? 0) + 1);
      }
      return Math.max(...counts.values());
    };
    expect(mostOf(true)).toBeGreaterThan(3 * mostOf(false));
  });
});
