import { configurationSchema } from '@logbert/contracts';
import type { Precision } from '@logbert/logbert';
import { runSequences } from '../evaluate/sequence-run';
import { readAnomalous } from '../reading/read-anomalous';
import { readSequences } from '../reading/read-sequences';
import { type Options, UsageError } from '../reporting/options';
import { formatTable, fraction } from '../reporting/table';

const FILES = ['train', 'calibrate', 'normal', 'anomalous'] as const;

export const SESSION_OPTIONS = {
  train: { value: 'FILE', help: 'with the three below: compares F1 in fp32 and int8, too' },
  calibrate: { value: 'FILE', help: 'sessions that set the scale' },
  normal: { value: 'FILE', help: 'normal sessions to judge' },
  anomalous: { value: 'FILE', help: 'anomalous sessions to judge' },
  prior: { value: 'P', help: 'true share of anomalies: corrects F1' },
} as const;

const SEED = 1;
const MAX_LENGTH = 64;

/** What the product's own verdict comes to. */
export interface PrecisionFigures {
  readonly f1: number;
  readonly auroc: number;
  /** Of the model's strongest channel alone, which precision can change most. */
  readonly surpriseMaxAuroc: number | null;
}

/**
 * Trains, calibrates and judges sessions once with each precision, with the same seed and so the same network.
 *
 * @returns the work yet to be done, since files are read at once; undefined without files
 * @throws UsageError when some of the files are not given, or hold no session
 */
export function prepareComparison(
  options: Options<typeof SESSION_OPTIONS>,
  precisions: readonly Precision[],
): (() => Promise<Readonly<Record<string, PrecisionFigures>>>) | undefined {
  const given = FILES.filter((name) => options.text(name) !== undefined);
  if (given.length === 0) return undefined;
  if (given.length < FILES.length) {
    throw new UsageError(`bench score wants all of --${FILES.join(', --')}, or none`);
  }
  const [training = [], calibration = [], normal = []] = FILES.slice(0, 3).map((name) =>
    readSequences(options.required(name)),
  );
  const anomalous = readAnomalous([options.required('anomalous')]);
  const prior = options.number('prior', 1e-9, 1);
  return async () => {
    const figures: Record<string, PrecisionFigures> = {};
    for (const precision of precisions) {
      const configuration = configurationSchema.parse({ detection: { precision } });
      const { all } = await runSequences({
        ...{ training, calibration, normal, anomalous, contamination: 0, prior, configuration },
        alertBudget: configuration.defaultStream.alertBudget,
        maxLength: MAX_LENGTH,
        seed: SEED,
        say: (text) => console.error(`${precision}: ${text}`),
      });
      figures[precision] = {
        f1: all['combined']?.f1 ?? NaN,
        auroc: all['combined']?.auroc ?? NaN,
        surpriseMaxAuroc: all['surprise-max']?.auroc ?? null,
      };
    }
    const rows = Object.entries(figures).map(([precision, { f1, auroc, surpriseMaxAuroc }]) => [
      precision,
      ...[f1, auroc, surpriseMaxAuroc ?? NaN].map(fraction),
    ]);
    const head = ['sessions', 'F1', 'AUROC', 'AUROC of surprise-max'];
    console.log(`\n${formatTable(head, rows)}`);
    return figures;
  };
}
