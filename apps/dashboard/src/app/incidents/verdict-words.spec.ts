import { describe, expect, it } from 'vitest';
import { buildIncident } from '../../testing/samples';
import { isTakenBack, retractedWords, verdictSentence, verdictWord } from './verdict-words';

describe('verdictWord', () => {
  it('says nothing of a verdict that is not final', () => {
    expect(verdictWord({ state: 'immediate' })).toBeUndefined();
    expect(verdictSentence({ state: 'immediate' })).toContain('Not final yet');
  });

  it.each([
    ['confirmed', 'confirmed', 'still odd'],
    ['retracted', 'taken back', 'no longer odd'],
  ] as const)('calls %s "%s" and says why', (state, word, reason) => {
    const verdict = { state, settledAt: 1, pValue: 0.4 };
    expect(verdictWord(verdict)).toBe(word);
    expect(verdictSentence(verdict)).toContain(reason);
    expect(verdictSentence(verdict)).toContain('p 0.4');
  });
});

describe('retractedWords', () => {
  it.each([
    [3, 0, undefined, false],
    [3, 2, '2 taken back', false],
    [3, 3, 'all taken back', true],
    [1, 1, 'taken back', true],
  ])('of %i anomalies with %i taken back says %s', (anomalyCount, retractedCount, words, all) => {
    const incident = buildIncident({ anomalyCount, retractedCount });
    expect(retractedWords(incident)).toBe(words);
    expect(isTakenBack(incident)).toBe(all);
  });
});
