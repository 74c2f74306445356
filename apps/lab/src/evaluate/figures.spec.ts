import { describe, expect, it } from 'vitest';
import { figuresTable, kindReportOf, kindTable, medianFigures, reportOf } from './figures';
import { MODEL_ALONE, ORACLE, WITHOUT_MODEL } from './row-names';
import type { SystemFigures } from './session-scores';

const row = (f1: number, more: Partial<SystemFigures> = {}): SystemFigures => ({
  ...{ auroc: f1, auprc: f1, precision: f1, tpr: f1, fpr: 0, f1 },
  tprInterval: [0, 1],
  fprInterval: [0, 1],
  ...more,
});
const chosen = (candidates: number) =>
  ({ candidates, moreThan: 2, missedOf: 'keys' }) as const satisfies SystemFigures['oracle'];

describe('medianFigures', () => {
  it('takes the run with the median F1 of each detector', () => {
    const runs = [0.3, 0.1, 0.2].map((f1) => ({ combined: row(f1), rarity: row(1 - f1) }));
    expect(medianFigures(runs)['combined']?.f1).toBe(0.2);
    expect(medianFigures(runs)['rarity']?.f1).toBe(0.8);
  });

  it('keeps what an oracle chose with the figures that it came to', () => {
    const runs = [0.9, 0.5, 0.7].map((f1, index) => ({
      [ORACLE]: row(f1, { oracle: chosen(index + 1) }),
    }));
    expect(medianFigures(runs)[ORACLE]).toMatchObject({ f1: 0.7, oracle: { candidates: 3 } });
  });
});

describe('reportOf', () => {
  const run = {
    combined: row(0.9),
    [ORACLE]: row(0.8, { oracle: chosen(4) }),
    'rarity rule': row(0.7),
    [WITHOUT_MODEL]: row(0.6),
    rarity: row(0.5),
  };

  it('puts rules among the baselines, and parts of the product under ablation', () => {
    expect(reportOf([run])).toEqual({
      median: run.combined,
      seeds: [run.combined],
      baselines: { [ORACLE]: run[ORACLE], 'rarity rule': run['rarity rule'] },
      ablation: { [WITHOUT_MODEL]: run[WITHOUT_MODEL], rarity: run.rarity },
    });
  });

  it('names the channel that ranks a kind best', () => {
    const figures = { ...run, ngram: row(0.6), entropy: row(0.1, { auroc: NaN }) };
    expect(kindReportOf([figures])).toMatchObject({ bestChannel: 'ngram' });
  });
});

describe('tables', () => {
  it('say that an oracle is an upper bound, and what it chose', () => {
    const table = figuresTable({ [ORACLE]: row(0.8, { oracle: chosen(4) }) });
    expect(table).toContain('more than 2 keys not among the best 4');
    expect(table).toContain('an upper bound');
  });

  it('leave out a detector of which nothing is known', () => {
    expect(figuresTable({ rarity: row(0, { auroc: NaN }) })).not.toContain('rarity');
  });

  it('show of a kind the product, its best channel and the model alone', () => {
    const table = kindTable({
      combined: row(0.9),
      [MODEL_ALONE]: row(0.4),
      rarity: row(0.5),
      ngram: row(0.6),
    });
    expect(table.split('\n').slice(2)).toEqual([
      expect.stringMatching(/^combined +0\.9000 +0\.9000 +0\.9000$/),
      expect.stringMatching(/^best channel: ngram +0\.6000/),
      expect.stringMatching(/^LogBERT's channels alone +0\.4000/),
    ]);
  });
});
