import { configurationSchema, streamSettingsSchema } from '@logbert/contracts';
import { openGraph } from '@logbert/graph-runner';
import { loadBundle, StreamDetector, trainStream } from '@logbert/pipeline';
import { readLines } from '../reading/read-lines';
import { Options, UsageError } from '../reporting/options';
import { reportHead, writeReport } from '../reporting/report';
import { formatTable } from '../reporting/table';
import { measure, mebibytes, medianOf, speed } from './measure';

const OPTIONS = {
  log: { value: 'FILE', help: 'raw lines, .gz or not', isRequired: true },
  'session-key': { value: 'REGEX', help: 'finds the session key in a message' },
  format: { value: 'PATTERN', help: 'header of a line' },
  'train-lines': { value: 'N', help: 'lines the model is trained on', fallback: '30000' },
  runs: { value: 'N', help: 'runs; the median is reported', fallback: '3' },
  batch: { value: 'N', help: 'lines handed over at once', fallback: '2000' },
  json: { value: 'FILE', help: 'writes the result for programs, too' },
} as const;

interface Line {
  readonly offset: number;
  readonly value: Uint8Array;
  readonly receivedAtMs: number;
}

/** How many raw lines a second one detector takes all the way to a decision. */
export async function benchPipeline(argv: readonly string[]): Promise<void> {
  const options = Options.parse('bench pipeline', OPTIONS, argv);
  const head = reportHead('bench pipeline', argv);
  const configuration = configurationSchema.parse({});
  const pattern = options.text('format');
  const sessionKey = options.text('session-key');
  const settings = streamSettingsSchema.parse({
    format: pattern === undefined ? { kind: 'auto' } : { kind: 'text', pattern },
    ...(sessionKey === undefined ? {} : { sessionKey: { fields: [], pattern: sessionKey } }),
  });
  const all = await load(options.required('log'));
  const training = all.slice(0, options.number('train-lines', 100, 1e9));
  const trainingBudget = { ...configuration.training, epochs: 3 };
  const { files } = await trainStream({
    records: async function* () {
      yield* training;
    },
    settings,
    training: trainingBudget,
    detection: configuration.detection,
    openGraph,
    now: () => performance.now(),
  });

  const batch = options.number('batch', 1, 100_000) ?? 2_000;
  const measurements = [];
  let windows = 0;
  for (let run = 0; run < (options.number('runs', 1, 100) ?? 1); run++) {
    const bundle = await loadBundle('measured', files, openGraph, configuration.detection);
    const detector = new StreamDetector({
      stream: 'measured',
      settings,
      detection: configuration.detection,
      bundle,
    });
    windows = 0;
    measurements.push(
      await measure(all.length, async () => {
        for (let start = 0; start < all.length; start += batch) {
          const detected = await detector.accept(all.slice(start, start + batch), Date.now());
          windows += detected.windows;
        }
        windows += (await detector.flush(Date.now())).windows;
      }),
    );
    await bundle.close();
  }
  const { seconds, linesPerSecond, memoryBytes } = medianOf(measurements);
  const windowsPerSecond = windows / seconds;
  console.log(
    formatTable(
      ['raw bytes to decisions', 'lines/s', 'windows/s', 'memory'],
      [['one detector', speed(linesPerSecond), speed(windowsPerSecond), mebibytes(memoryBytes)]],
    ),
  );
  const file = options.text('json');
  if (file === undefined) return;
  writeReport(file, { ...head, ours: { linesPerSecond, windowsPerSecond, memoryBytes } });
}

async function load(file: string): Promise<readonly Line[]> {
  const encoder = new TextEncoder();
  const lines: Line[] = [];
  for await (const text of readLines(file)) {
    if (text !== '')
      lines.push({ offset: lines.length, value: encoder.encode(text), receivedAtMs: 0 });
  }
  if (lines.length === 0) throw new UsageError(`${file}: there is no line in it`);
  return lines;
}
