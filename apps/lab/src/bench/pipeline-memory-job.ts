import { configurationSchema, streamSettingsSchema } from '@logbert/contracts';
import { openGraph } from '@logbert/graph-runner';
import {
  type SourceRecord,
  trainOnWindows,
  type TrainOnWindowsInput,
  trainStream,
  type TrainedBundle,
} from '@logbert/pipeline';
import { FIRST_KEY, Vocabulary, WindowHistory } from '@logbert/sequences';
import { DEFAULT_MASKS, TemplateMiner } from '@logbert/template-mining';
import { generateWindows } from './generated-windows';
import type { PipelineMemoryJob, PipelineMemoryUsage } from './model-usage';

/** Steps of the one epoch: by then every graph has run, and memory no longer grows. */
const STEPS = 200;
/** Templates of the lines. */
const KEYS = 46;
const START_MS = Date.UTC(2030, 0, 1);
const WORDS_A_LINE = 6;

// A process of its own for each measurement: it prints one line of JSON and ends.
console.log(JSON.stringify(await usageOf(JSON.parse(process.argv[2] ?? '') as PipelineMemoryJob)));

/** Makes a bundle at the default settings and looks at the memory. */
async function usageOf(job: PipelineMemoryJob): Promise<PipelineMemoryUsage> {
  const startedAt = performance.now();
  const peaks: Record<string, number> = {};
  const { training, detection } = configurationSchema.parse({
    training: { epochs: 1, seed: job.seed },
  });
  const settings = streamSettingsSchema.parse({
    window: { kind: 'session', maxLength: Math.max(64, job.lines + 1) },
  });
  const input: TrainOnWindowsInput = {
    settings,
    training,
    detection,
    openGraph,
    now: () => performance.now(),
    stepsPerEpoch: STEPS,
    onProgress: ({ stage }) => (peaks[stage] = peakBytes()),
  };
  const { files, metrics } = job.isRaw
    ? await trainStream({ ...input, records: () => recordsOf(job) })
    : await trainGenerated(job, input, peaks);
  return {
    windows: metrics.windows,
    trimmedWindows: metrics.trimmedWindows,
    peakMemoryBytes: peakBytes(),
    peakBytesByStage: peaks,
    bundleBytes: Object.values(files).reduce((sum, { length }) => sum + length, 0),
    seconds: (performance.now() - startedAt) / 1_000,
    program: `Node ${process.version}`,
  };
}

async function trainGenerated(
  job: PipelineMemoryJob,
  input: TrainOnWindowsInput,
  peaks: Record<string, number>,
): Promise<TrainedBundle> {
  const miner = new TemplateMiner({ engine: 'drain', masks: DEFAULT_MASKS });
  const vocabulary = Vocabulary.build(Array.from({ length: KEYS }, (_, key) => `key-${key}`));
  const windows = new WindowHistory(vocabulary.size);
  for (const keys of generateWindows({ ...job, keys: KEYS })) {
    windows.add(
      keys.map((key) => FIRST_KEY + key),
      'session',
    );
  }
  peaks['windowing'] = peakBytes();
  const read = { lines: 0, undecodable: 0, miner, templates: [], vocabulary, windows };
  return trainOnWindows({ ...read, sessionIdleMs: undefined }, input);
}

/** The lines of the windows: one session after the other, all complete but the last ones. */
async function* recordsOf(job: PipelineMemoryJob): AsyncGenerator<SourceRecord> {
  const encoder = new TextEncoder();
  const messages = Array.from({ length: KEYS }, (_, key) => messageOf(key));
  let session = 0;
  for (const keys of generateWindows({ ...job, keys: KEYS })) {
    const receivedAtMs = START_MS + 10 * session++;
    for (const key of keys) {
      const fields = {
        timestamp: receivedAtMs,
        request_id: `r-${session}`,
        message: messages[key],
      };
      yield { value: encoder.encode(JSON.stringify(fields)), receivedAtMs };
    }
  }
}

/** Words of letters alone, so that no mask takes one for a number, and none in two messages. */
function messageOf(key: number): string {
  return Array.from({ length: WORDS_A_LINE }, (_, place) =>
    (key * WORDS_A_LINE + place)
      .toString()
      .replaceAll(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)] ?? ''),
  ).join(' ');
}

function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1_024;
}
