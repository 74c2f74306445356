import type { JudgedWindow } from '@logbert/pipeline';
import { describe, expect, it } from 'vitest';
import { earlySentence, EarlyVerdicts } from './early-verdicts';

describe('EarlyVerdicts', () => {
  const judged = (isAnomaly: boolean, position?: number): JudgedWindow => {
    const early = position === undefined ? undefined : { position, at: 1_000, pValue: 0.001 };
    const deciding = 'rarity' as const;
    const verdict = {
      ...{ isAnomaly, pValue: 0.001, statistic: 1, channels: [], deciding },
      ...{ missing: [], unusual: [], abnormalPositions: [], isEndUnexpected: false },
    } as const;
    return {
      ...{ key: 'k', kind: 'session', tokens: new Int32Array(5), novelLines: 0, verdict, early },
      ...{ closedAtMs: 11_000, lastReceivedAtMs: 0 },
    };
  };

  it('says how much sooner sessions were flagged, and how many were taken back', () => {
    const verdicts = new EarlyVerdicts();
    for (const one of [judged(true, 3), judged(true, 1), judged(false, 2), judged(true)]) {
      verdicts.note(one);
    }
    verdicts.note(judged(false));
    expect(verdicts.figures()).toEqual({
      flagged: 4,
      share: 0.75,
      medianLinesToCome: 2,
      medianSecondsToClose: 10,
      takenBack: 1,
    });
  });

  it('has nothing to say when nothing was flagged, and little when all were complete', () => {
    const verdicts = new EarlyVerdicts();
    expect(verdicts.figures()).toBeUndefined();
    verdicts.note(judged(true));
    const figures = verdicts.figures();
    expect(figures && earlySentence(figures)).toContain('none before it was complete');
  });
});
