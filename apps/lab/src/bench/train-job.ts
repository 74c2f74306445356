import { openGraph } from '@logbert/graph-runner';
import { seededRandom, trainLogBert } from '@logbert/logbert';
import { UNKNOWN } from '@logbert/sequences';
import type { TrainJob, TrainUsage } from './model-usage';

// A process of its own for each measurement: it prints one line of JSON and ends.
console.log(JSON.stringify(await usageOf(JSON.parse(process.argv[2] ?? '') as TrainJob)));

/** Trains two epochs of random windows: one to warm up, one that is timed. */
async function usageOf(job: TrainJob): Promise<TrainUsage> {
  const random = seededRandom(job.seed);
  const { vocabularySize } = job.architecture;
  const window = (): Int32Array =>
    Int32Array.from(
      { length: job.length - 1 },
      () => UNKNOWN + Math.floor(random() * (vocabularySize - UNKNOWN)),
    );
  const { history } = await trainLogBert({
    training: Array.from({ length: job.steps * job.batch }, window),
    validation: [],
    architecture: job.architecture,
    settings: {
      epochs: 2,
      batchSize: job.batch,
      learningRate: job.learningRate,
      weightDecay: job.weightDecay,
      maskRatio: job.masked / (job.length - 1),
      hypersphereWeight: job.hypersphereWeight,
      patience: 2,
      gradientClip: job.gradientClip,
      warmupShare: 0.05,
    },
    openGraph,
    random,
    now: () => performance.now(),
    threads: job.threads,
  });
  const timed = history.at(-1);
  if (!timed) throw new RangeError('there are two epochs');
  const tokens = job.steps * job.batch * job.length;
  return {
    tokens,
    seconds: tokens / timed.tokensPerSecond,
    loss: timed.loss,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1_024,
    program: `Node ${process.version}`,
  };
}
