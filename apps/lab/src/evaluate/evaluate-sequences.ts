import { configurationSchema, streamSettingsSchema } from '@logbert/contracts';
import { readSequences } from '../reading/read-sequences';
import { Options } from '../reporting/options';
import { reportHead, writeReport } from '../reporting/report';
import { figuresTable, medianFigures, reportOf } from './figures';
import { runSequences, type SequenceFigures } from './sequence-run';

const DEFAULTS = streamSettingsSchema.parse({});

const OPTIONS = {
  train: { value: 'FILE', help: 'sessions to learn from: id, …, keys', isRequired: true },
  calibrate: { value: 'FILE', help: 'sessions that set the scale', isRequired: true },
  normal: { value: 'FILE', help: 'normal sessions to judge', isRequired: true },
  anomalous: { value: 'FILE', help: 'anomalous sessions to judge', isRequired: true },
  prior: { value: 'P', help: 'true share of anomalies: corrects precision and F1' },
  contaminate: { value: 'SHARE', help: 'anomalies mixed into what is learned', fallback: '0' },
  'max-length': { value: 'N', help: 'lines after which a session is cut', fallback: '64' },
  seeds: { value: 'N', help: 'runs with other seeds; the median is reported', fallback: '1' },
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
} as const satisfies Record<keyof SequenceFigures, string>;

/** Learns from sessions of log keys, without labels, and judges others. Every file may be `FILE?column=value`. */
export async function evaluateSequences(argv: readonly string[]): Promise<void> {
  const options = Options.parse('evaluate sequences', OPTIONS, argv);
  const head = reportHead('evaluate sequences', argv);
  const [training, calibration, normal, anomalous] = (
    ['train', 'calibrate', 'normal', 'anomalous'] as const
  ).map((name) => readSequences(options.required(name)));

  const runs: SequenceFigures[] = [];
  const seeds = options.number('seeds', 1, 100) ?? 1;
  for (let seed = 1; seed <= seeds; seed++) {
    runs.push(
      await runSequences({
        training: training ?? [],
        calibration: calibration ?? [],
        normal: normal ?? [],
        anomalous: anomalous ?? [],
        contamination: options.number('contaminate', 0, 0.5) ?? 0,
        configuration: configurationSchema.parse({}),
        alertBudget: options.number('alpha', 1e-6, 0.2) ?? DEFAULTS.alertBudget,
        maxLength: options.number('max-length', 2, 512) ?? 64,
        prior: options.number('prior', 1e-9, 1),
        seed,
        say: (text) => console.error(text),
      }),
    );
    console.error(`seed ${seed} of ${seeds} done`);
  }

  for (const [part, title] of Object.entries(PARTS) as [keyof SequenceFigures, string][]) {
    console.log(`\n${title}`);
    console.log(figuresTable(medianFigures(runs.map((run) => run[part]))));
  }
  const file = options.text('json');
  if (file === undefined) return;
  const parts = { longOnly: 'atLeastTenLines', unseenOnly: 'unseenInTraining' } as const;
  writeReport(file, {
    ...head,
    ...reportOf(runs.map(({ all }) => all)),
    ...Object.fromEntries(
      Object.entries(parts).map(([part, name]) => [
        name,
        reportOf(runs.map((run) => run[part as keyof typeof parts])),
      ]),
    ),
  });
}
