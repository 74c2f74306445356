import { describe, expect, it } from 'vitest';
import { describeUntrained } from './untrained-text';

describe('describeUntrained', () => {
  it('says how many windows are needed until there are as many', () => {
    expect(describeUntrained({ windowsSeen: 12, windowsNeeded: 500 })).toBe(
      'judged by novelty, rarity and rate; 12 windows seen, 500 needed before a window can be flagged',
    );
    expect(describeUntrained({ windowsSeen: 1, windowsNeeded: 1 })).toBe(
      'judged by novelty, rarity and rate; 1 window seen, windows can be flagged',
    );
  });

  it('says when the budget is too small', () => {
    expect(describeUntrained({ windowsSeen: 12, windowsNeeded: null })).toContain('too small');
  });
});
