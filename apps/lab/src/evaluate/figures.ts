import { CHANNELS } from '@logbert/contracts';
import { fraction, formatTable } from '../reporting/table';
import { ANNOUNCED, MODEL_ALONE, WITHOUT_MODEL } from './row-names';
import type { SystemFigures } from './session-scores';

/** What each detector of a comparison came to, by its name; `combined` is the product's own verdict. */
export type Figures = Readonly<Record<string, SystemFigures>>;

/** For each detector the run with the median F1; what an oracle chose is that run's. */
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
  const medians = medianFigures(runs);
  const { combined, [ANNOUNCED]: announced, 'deferred verdict': deferred, ...others } = medians;
  const named = Object.entries(others);
  const isAblation = (name: string): boolean => name === WITHOUT_MODEL || isChannel(name);
  return {
    median: combined,
    ...(announced === undefined ? {} : { announced }),
    ...(deferred === undefined ? {} : { deferred }),
    seeds: runs.map((run) => run['combined']),
    baselines: Object.fromEntries(named.filter(([name]) => !isAblation(name))),
    ablation: Object.fromEntries(named.filter(([name]) => isAblation(name))),
  };
}

/** The same of one kind of anomaly, with the channel that ranks it best. */
export function kindReportOf(runs: readonly Figures[]): object {
  return { bestChannel: bestChannel(medianFigures(runs)) ?? null, ...reportOf(runs) };
}

export function figuresTable(figures: Figures): string {
  const shown = Object.entries(figures).filter(([, { auroc }]) => !Number.isNaN(auroc));
  const rows = shown.map(([name, { auroc, auprc, f1, precision, tpr, fpr, fprInterval }]) => {
    const [low, high] = fprInterval;
    return [
      name,
      ...[auroc, auprc, f1, precision, tpr].map(fraction),
      `${fraction(fpr)} [${fraction(low)}, ${fraction(high)}]`,
    ];
  });
  const head = ['detector', 'AUROC', 'AUPRC', 'F1', 'precision', 'TPR', 'FPR [95 % Wilson]'];
  const notes = shown.flatMap(([name, { oracle }]) => {
    if (!oracle) return [];
    const { candidates, moreThan, missedOf } = oracle;
    const missed =
      missedOf === 'keys' ? `more than ${moreThan} keys` : `a share above ${fraction(moreThan)}`;
    return [
      `${name}: ${missed} not among the best ${candidates}, both chosen with the labels: an upper bound`,
    ];
  });
  return [formatTable(head, rows), ...notes].join('\n');
}

/** The product, its channel that ranks this kind best (known by the labels), and the model alone. */
export function kindTable(figures: Figures): string {
  const channel = bestChannel(figures);
  const names = ['combined', ...(channel === undefined ? [] : [channel]), MODEL_ALONE];
  const rows = names.flatMap((name) => {
    const row = figures[name];
    if (!row) return [];
    const title = name === channel ? `best channel: ${name}` : name;
    return [[title, ...[row.auroc, row.f1, row.tpr].map(fraction)]];
  });
  return formatTable(['detector', 'AUROC', 'F1', 'TPR'], rows);
}

function bestChannel(figures: Figures): string | undefined {
  let best: { readonly name: string; readonly auroc: number } | undefined;
  for (const [name, { auroc }] of Object.entries(figures)) {
    if (isChannel(name) && auroc > (best?.auroc ?? -1)) best = { name, auroc };
  }
  return best?.name;
}

function isChannel(name: string): boolean {
  return (CHANNELS as readonly string[]).includes(name);
}
