import { formatTable } from '../reporting/table';
import { mebibytes, median, speed } from './measure';
import type { PeerUsage, TemplateCost } from './template-usage';

export const TEMPLATE_COUNTS = [100, 1_000, 10_000] as const;

const TITLES: Readonly<Record<string, string>> = {
  equalMasks: "learn, masks of drain3's example",
  learn: 'learn, default masks',
  match: 'match, default masks, frozen tree',
  flexibleLearn: 'learn, flexible engine',
  flexibleMatch: 'match, flexible engine, frozen',
  skewed: 'few templates have most lines',
  even: 'all templates alike',
  flexibleSkewed: 'flexible, few have most lines',
};

/** Every run, in the order in which they were made. */
export interface MeasuredTemplates {
  readonly ours: Readonly<Record<string, readonly PeerUsage[]>>;
  /** The peer of `equalMasks`, each run after the one of ours; none without peers. */
  readonly drain3: readonly PeerUsage[];
}

/** By how often templates occur, then by `TEMPLATE_COUNTS`. */
export type TemplateCosts = Readonly<Record<string, readonly TemplateCost[]>>;

/** Medians over the runs. */
export interface SpeedFigures {
  readonly linesPerSecond: number;
  readonly cpuSeconds: number;
  readonly peakMemoryBytes: number | null;
  readonly clusters: number;
  readonly program: string;
}

/** The measurements as programs read them. */
export interface TemplatesReport {
  readonly ours: Readonly<Record<string, SpeedFigures>>;
  readonly peers?: { readonly drain3: SpeedFigures };
  /** Median of the ratios of each pair of runs, and all of them. */
  readonly ratio?: number;
  readonly ratios?: readonly number[];
  /** The same of processor time. */
  readonly cpuRatio?: number;
  /** Of the fastest run of each by the clock: what other work on the machine disturbed least. */
  readonly fastestRatio?: number;
  readonly costs: Readonly<Record<string, CostFigures>>;
}

interface CostFigures {
  readonly byTemplates: Readonly<Record<string, TemplateCost>>;
  /** Cost with the most templates by the cost with the fewest. */
  readonly learnGrowth: number;
  readonly matchGrowth: number;
}

/** Prints the tables, and gives what they say. */
export function tellTemplates(measured: MeasuredTemplates, costs: TemplateCosts): TemplatesReport {
  const ours = Object.fromEntries(
    Object.entries(measured.ours).map(([name, runs]) => [name, medianFigures(runs)]),
  );
  const drain3 = measured.drain3.length > 0 ? medianFigures(measured.drain3) : undefined;
  const ratiosOf = (of: (usage: PeerUsage) => number): number[] =>
    measured.drain3.map((theirs, run) => {
      const same = measured.ours['equalMasks']?.[run];
      return same ? of(theirs) / of(same) : NaN;
    });
  const ratios = ratiosOf(({ seconds }) => seconds);
  const cpuRatio = median(ratiosOf(({ cpuSeconds }) => cpuSeconds));
  const fastestRatio = fastestOf(measured.drain3) / fastestOf(measured.ours['equalMasks'] ?? []);
  const rows = Object.entries(ours).flatMap(([name, figures]) => [
    speedRow(TITLES[name] ?? name, figures),
    ...(name === 'equalMasks' && drain3 ? [speedRow(`  ${drain3.program}`, drain3)] : []),
  ]);
  console.log(formatTable(['messages', 'lines/s', 'CPU s', 'peak memory', 'templates'], rows));
  const ratio = drain3 && {
    ratio: median(ratios),
    ratios,
    cpuRatio,
    fastestRatio,
    peers: { drain3 },
  };
  if (ratio) {
    const all = ratios.map((one) => one.toFixed(1)).join(', ');
    console.log(
      `\nours to drain3, median of the pairs: ${ratio.ratio.toFixed(2)} (${all}); ` +
        `by CPU time ${cpuRatio.toFixed(2)}; of the fastest runs ${fastestRatio.toFixed(2)}`,
    );
  }
  const grown = Object.fromEntries(
    Object.entries(costs).map(([name, byCount]) => [name, costFigures(byCount)]),
  );
  console.log(`\n${costTable(grown)}`);
  return { ours, ...ratio, costs: grown };
}

function fastestOf(runs: readonly PeerUsage[]): number {
  return Math.min(...runs.map(({ seconds }) => seconds));
}

function medianFigures(runs: readonly PeerUsage[]): SpeedFigures {
  const memory = runs.flatMap(({ peakMemoryBytes }) => peakMemoryBytes ?? []);
  return {
    linesPerSecond: median(runs.map(({ lines, seconds }) => lines / seconds)),
    cpuSeconds: median(runs.map(({ cpuSeconds }) => cpuSeconds)),
    peakMemoryBytes: memory.length === 0 ? null : median(memory),
    clusters: median(runs.map(({ clusters }) => clusters)),
    program: runs[0]?.program ?? '',
  };
}

function speedRow(title: string, figures: SpeedFigures): readonly string[] {
  const { linesPerSecond, cpuSeconds, peakMemoryBytes, clusters } = figures;
  return [
    title,
    speed(linesPerSecond),
    cpuSeconds.toFixed(2),
    peakMemoryBytes === null ? '-' : mebibytes(peakMemoryBytes),
    String(clusters),
  ];
}

function costFigures(byCount: readonly TemplateCost[]): CostFigures {
  const [fewest, most] = [byCount[0], byCount.at(-1)];
  return {
    byTemplates: Object.fromEntries(
      byCount.map((cost, index) => [String(TEMPLATE_COUNTS[index]), cost]),
    ),
    learnGrowth: (most?.learnSeconds ?? NaN) / (fewest?.learnSeconds ?? NaN),
    matchGrowth: (most?.matchSeconds ?? NaN) / (fewest?.matchSeconds ?? NaN),
  };
}

function costTable(costs: Readonly<Record<string, CostFigures>>): string {
  const rows = Object.entries(costs).flatMap(
    ([name, { byTemplates, learnGrowth, matchGrowth }]) => {
      const cells = (of: (cost: TemplateCost) => number): string[] =>
        Object.values(byTemplates).map((cost) => (of(cost) * 1e6).toFixed(2));
      return [
        [
          `learn, ${TITLES[name] ?? name}`,
          ...cells((cost) => cost.learnSeconds),
          learnGrowth.toFixed(2),
        ],
        [
          `match, ${TITLES[name] ?? name}`,
          ...cells((cost) => cost.matchSeconds),
          matchGrowth.toFixed(2),
        ],
      ];
    },
  );
  const counts = TEMPLATE_COUNTS.map((count) => count.toLocaleString('en'));
  return formatTable(['µs a line, by templates', ...counts, 'growth'], rows);
}
