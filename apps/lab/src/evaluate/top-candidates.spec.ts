import { describe, expect, it } from 'vitest';
import { UNRANKED } from './model-reading';
import { TopCandidates } from './top-candidates';

type Session = readonly [isAnomalous: boolean, ranks: readonly number[]];

const figures = (sessions: readonly Session[], prior?: number) => {
  const rule = new TopCandidates();
  for (const [index, [, ranks]] of sessions.entries()) {
    rule.note(String(index), Uint8Array.from(ranks));
  }
  const labels = sessions.map(([isAnomalous], index) => [String(index), isAnomalous] as const);
  return rule.figures(new Map(labels), prior);
};

describe('TopCandidates', () => {
  it('finds the number of candidates that tells anomalies apart', () => {
    const { f1, auroc, oracle } = figures([
      [false, [1, 3, 3, 3]],
      [false, [1, 1, 2, 3]],
      [true, [1, 1, 1, 4]],
    ]);
    expect({ f1, auroc }).toEqual({ f1: 1, auroc: 1 });
    expect(oracle).toEqual({ candidates: 3, moreThan: 0, missedOf: 'keys' });
  });

  it('finds how many keys may be missed', () => {
    const { f1, oracle } = figures([
      [false, [UNRANKED, 1, 1, 1]],
      [true, [UNRANKED, UNRANKED, UNRANKED, 1]],
    ]);
    expect(f1).toBe(1);
    expect(oracle).toEqual({ candidates: 1, moreThan: 1, missedOf: 'keys' });
  });

  it('takes the share of missed keys where that is better', () => {
    const { f1, oracle } = figures([
      [false, [UNRANKED, UNRANKED, 1, 1, 1, 1, 1, 1]],
      [true, [UNRANKED, 1]],
    ]);
    expect(f1).toBe(1);
    expect(oracle).toEqual({ candidates: 1, moreThan: 0.25, missedOf: 'share' });
  });

  it('adds the pieces of a session up', () => {
    const rule = new TopCandidates();
    rule.note('cut', Uint8Array.of(UNRANKED, 1));
    rule.note('cut', Uint8Array.of(UNRANKED, 1));
    rule.note('whole', Uint8Array.of(UNRANKED, 1));
    const labels = new Map([
      ['cut', true],
      ['whole', false],
    ]);
    expect(rule.figures(labels).oracle).toEqual({ candidates: 1, moreThan: 1, missedOf: 'keys' });
  });

  it('chooses by the F1 that is corrected to the true share of anomalies', () => {
    const sessions: Session[] = [
      ...Array.from({ length: 9 }, (): Session => [false, [1]]),
      [false, [2]],
      ...Array.from({ length: 5 }, (): Session => [true, [2]]),
      ...Array.from({ length: 5 }, (): Session => [true, [3]]),
    ];
    expect(figures(sessions).oracle?.candidates).toBe(1);
    expect(figures(sessions, 0.01).oracle?.candidates).toBe(2);
  });

  it('flags no session that it never saw', () => {
    const { tpr, fpr } = new TopCandidates().figures(
      new Map([
        ['a', true],
        ['b', false],
      ]),
    );
    expect({ tpr, fpr }).toEqual({ tpr: 0, fpr: 0 });
  });
});
