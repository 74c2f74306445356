import type { Anomaly } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { earlySentence } from './open-words';

describe('earlySentence', () => {
  const line = {} as Anomaly['lines'][number];
  const early = { position: 1, at: 1_000, pValue: 0.001 };
  const whole = { state: 'closed', early, lines: [line, line, line, line], lastAt: 4_000 } as const;

  it('says at which line it was told, and what came afterwards', () => {
    expect(earlySentence(whole)).toBe('Told at line 2 of 4; 2 more came within 3.0 s.');
    expect(earlySentence({ ...whole, lines: [line, line, line] })).toContain('one more came');
    expect(earlySentence({ ...whole, lines: [line, line] })).toContain('the last');
  });

  it('says that a session is open', () => {
    expect(earlySentence({ ...whole, state: 'open' })).toContain('still open');
  });

  it('says nothing of a window that was judged when it was complete', () => {
    expect(earlySentence({ ...whole, early: null })).toBeUndefined();
  });
});
