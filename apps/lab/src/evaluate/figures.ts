import { CHANNELS } from '@logbert/contracts';
import { fraction, formatTable } from '../reporting/table';
import type { SystemFigures } from './session-scores';

/** What each detector of a comparison came to, by its name; `combined` is the product's own verdict. */
export type Figures = Readonly<Record<string, SystemFigures>>;

/** For each detector the run with the median F1. */
export function medianFigures(runs: readonly Figures[]): Figures {
  const medians: Record<string, SystemFigures> = {};
  for (const name of Object.keys(runs[0] ?? {})) {
    const ordered = runs
      .flatMap((run) => run[name] ?? [])
      .sort((a, b) => a.f1 - b.f1 || a.auroc - b.auroc);
    const middle = ordered[Math.floor((ordered.length - 1) / 2)];
    if (middle) medians[name] = middle;
  }
  return medians;
}

/** The parts of a result for programs. */
export function reportOf(runs: readonly Figures[]): object {
  const { combined, 'deferred verdict': deferred, ...others } = medianFigures(runs);
  const named = Object.entries(others);
  const isChannel = (name: string): boolean => (CHANNELS as readonly string[]).includes(name);
  return {
    median: combined,
    ...(deferred === undefined ? {} : { deferred }),
    seeds: runs.map((run) => run['combined']),
    baselines: Object.fromEntries(named.filter(([name]) => !isChannel(name))),
    ablation: Object.fromEntries(named.filter(([name]) => isChannel(name))),
  };
}

export function figuresTable(figures: Figures): string {
  const rows = Object.entries(figures)
    .filter(([, { auroc }]) => !Number.isNaN(auroc))
    .map(([name, { auroc, auprc, f1, precision, tpr, fpr, fprInterval }]) => {
      const [low, high] = fprInterval;
      return [
        name,
        ...[auroc, auprc, f1, precision, tpr].map(fraction),
        `${fraction(fpr)} [${fraction(low)}, ${fraction(high)}]`,
      ];
    });
  const head = ['detector', 'AUROC', 'AUPRC', 'F1', 'precision', 'TPR', 'FPR [95 % Wilson]'];
  return formatTable(head, rows);
}
