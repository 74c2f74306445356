import { configurationSchema, MAX_SESSION_LINES, streamSettingsSchema } from '@logbert/contracts';
import { readAnomalous } from '../reading/read-anomalous';
import { type KeySequence, readSequences } from '../reading/read-sequences';
import { Options } from '../reporting/options';
import { reportHead, writeReport } from '../reporting/report';
import {
  type Figures,
  figuresTable,
  kindReportOf,
  kindTable,
  medianFigures,
  reportOf,
} from './figures';
import { SEEDS_OPTION, seedsOf } from './seeds';
import { runSequences, type SequenceFigures } from './sequence-run';
import { keepForCalibration } from './session-pieces';

const DEFAULTS = streamSettingsSchema.parse({});

const OPTIONS = {
  train: { value: 'FILE', help: 'sessions to learn from: id, …, keys', isRequired: true },
  calibrate: {
    value: 'FILE',
    help: 'sessions that set the scale; left out, the last of those to learn from',
  },
  normal: { value: 'FILE', help: 'normal sessions to judge', isRequired: true },
  anomalous: {
    value: '[NAME=]FILE',
    help: 'anomalous sessions to judge; may come several times, a kind of anomaly each',
    isRequired: true,
    isRepeatable: true,
  },
  prior: { value: 'P', help: 'true share of anomalies: corrects precision and F1' },
  contaminate: { value: 'SHARE', help: 'anomalies mixed into what is learned', fallback: '0' },
  'max-length': {
    value: 'N',
    help: 'lines after which a session is cut',
    fallback: String(MAX_SESSION_LINES),
  },
  ...SEEDS_OPTION,
  alpha: {
    value: 'A',
    help: 'share of normal windows that may be flagged',
    fallback: String(DEFAULTS.alertBudget),
  },
  json: { value: 'FILE', help: 'writes the result for programs, too' },
} as const;

const PARTS = {
  all: 'all sessions',
  longOnly: 'sessions of at least 10 lines',
  unseenOnly: 'normal sessions that no training session equals, and all anomalies',
} as const satisfies Partial<Record<keyof SequenceFigures, string>>;

/** Learns from sessions of log keys, without labels, and judges others. Every file may be `FILE?column=value`. */
export async function evaluateSequences(argv: readonly string[]): Promise<void> {
  const options = Options.parse('evaluate sequences', OPTIONS, argv);
  const head = reportHead('evaluate sequences', argv);
  const configuration = configurationSchema.parse({});
  const learnt = learntFrom(options, configuration.training.calibrationShare);
  const normal = readSequences(options.required('normal'));
  const anomalous = readAnomalous(options.texts('anomalous'));

  const runs: SequenceFigures[] = [];
  const seeds = seedsOf(options);
  for (let seed = 1; seed <= seeds; seed++) {
    runs.push(
      await runSequences({
        ...learnt,
        normal,
        anomalous,
        contamination: options.number('contaminate', 0, 0.5) ?? 0,
        configuration,
        alertBudget: options.number('alpha', 1e-6, 0.2) ?? DEFAULTS.alertBudget,
        maxLength: options.number('max-length', 2, MAX_SESSION_LINES) ?? MAX_SESSION_LINES,
        prior: options.number('prior', 1e-9, 1),
        seed,
        say: (text) => console.error(text),
      }),
    );
    console.error(`seed ${seed} of ${seeds} done`);
  }

  for (const [part, title] of Object.entries(PARTS) as [keyof typeof PARTS, string][]) {
    console.log(`\n${title}`);
    console.log(figuresTable(medianFigures(runs.map((run) => run[part]))));
  }
  const kinds = kindsOf(runs);
  if (kinds.length > 1) {
    for (const [name, figures] of kinds) {
      console.log(`\nall normal sessions, and the anomalies ${name}`);
      console.log(kindTable(medianFigures(figures)));
    }
  }
  const file = options.text('json');
  if (file === undefined) return;
  writeReport(file, {
    ...head,
    ...reportOf(runs.map(({ all }) => all)),
    atLeastTenLines: reportOf(runs.map(({ longOnly }) => longOnly)),
    unseenInTraining: reportOf(runs.map(({ unseenOnly }) => unseenOnly)),
    byKind: Object.fromEntries(kinds.map(([name, figures]) => [name, kindReportOf(figures)])),
  });
}

function learntFrom(
  options: Options<typeof OPTIONS>,
  calibrationShare: number,
): { readonly training: readonly KeySequence[]; readonly calibration: readonly KeySequence[] } {
  const training = readSequences(options.required('train'));
  const file = options.text('calibrate');
  return file === undefined
    ? keepForCalibration(training, calibrationShare)
    : { training, calibration: readSequences(file) };
}

/** The figures of each kind of anomaly, a run each. */
function kindsOf(
  runs: readonly SequenceFigures[],
): readonly (readonly [name: string, figures: readonly Figures[]])[] {
  const names = [...new Set(runs.flatMap(({ byKind }) => Object.keys(byKind)))];
  return names.map((name) => [name, runs.map(({ byKind }) => byKind[name] ?? {})]);
}
