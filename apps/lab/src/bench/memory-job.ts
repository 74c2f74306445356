import { openGraph } from '@logbert/graph-runner';
import { seededRandom, trainLogBert } from '@logbert/logbert';
import { UNKNOWN } from '@logbert/sequences';
import type { MemoryJob, MemoryUsage } from './model-usage';

/** Told after so many steps: by then every graph has run, and memory no longer grows. */
const STEPS = 200;

// A process of its own for each measurement: it prints one line of JSON and ends.
console.log(JSON.stringify(await usageOf(JSON.parse(process.argv[2] ?? '') as MemoryJob)));

/** Begins to train on random windows, practically no two alike, and looks at the memory. */
async function usageOf(job: MemoryJob): Promise<MemoryUsage> {
  const controller = new AbortController();
  const stopped = new Error('enough steps were made');
  try {
    await trainLogBert({
      training: windowsOf(job, seededRandom(job.seed)),
      validation: [],
      architecture: job.architecture,
      settings: {
        epochs: 1,
        batchSize: 64,
        learningRate: 0.001,
        weightDecay: 0.01,
        maskRatio: 0.3,
        hypersphereWeight: 0.1,
        patience: 1,
        gradientClip: 1,
        warmupShare: 0.05,
      },
      openGraph,
      random: seededRandom(job.seed),
      now: () => performance.now(),
      onProgress: ({ step }) => step >= STEPS && controller.abort(stopped),
      signal: controller.signal,
      threads: job.threads,
    });
  } catch (error) {
    if (error !== stopped) throw error;
  }
  return {
    windows: job.windows,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1_024,
    program: `Node ${process.version}`,
  };
}

/** One at a time, in the same memory: training keeps what it needs. Lengths vary from half of the longest on. */
function* windowsOf(
  { windows, lines, architecture }: MemoryJob,
  random: () => number,
): Iterable<Int32Array> {
  const window = new Int32Array(lines);
  const keys = architecture.vocabularySize - UNKNOWN;
  for (let index = 0; index < windows; index++) {
    for (let line = 0; line < lines; line++) window[line] = UNKNOWN + Math.floor(keys * random());
    yield window.subarray(0, Math.ceil(lines * (1 - random() / 2)));
  }
}
