import { openGraph } from '@logbert/graph-runner';
import { buildScoringModel, LogBertScorer, seededRandom, trainLogBert } from '@logbert/logbert';
import { UNKNOWN } from '@logbert/sequences';
import type { ScoreJob, ScoreUsage } from './model-usage';

/** Windows that the network learns before it scores; what it learns does not matter to the time. */
const LEARNT = 64;
const SCORED_AT_ONCE = 2_048;

// A process of its own for each measurement: it prints one line of JSON and ends.
console.log(JSON.stringify(await usageOf(JSON.parse(process.argv[2] ?? '') as ScoreJob)));

async function usageOf(job: ScoreJob): Promise<ScoreUsage> {
  const random = seededRandom(job.seed);
  const { vocabularySize } = job.architecture;
  const windows = Array.from({ length: job.windows }, () =>
    Int32Array.from(
      { length: job.length - 1 },
      () => UNKNOWN + Math.floor(random() * (vocabularySize - UNKNOWN)),
    ),
  );
  const trained = await trainLogBert({
    training: windows.slice(0, LEARNT),
    validation: [],
    architecture: job.architecture,
    settings: {
      epochs: 1,
      batchSize: LEARNT,
      learningRate: 0.001,
      weightDecay: 0.01,
      maskRatio: 0.3,
      hypersphereWeight: 0,
      patience: 1,
      gradientClip: 1,
      warmupShare: 0.05,
    },
    openGraph,
    random,
    now: () => performance.now(),
    threads: job.threads,
  });
  const model = buildScoringModel(trained, { precision: job.precision });
  const scorer = await LogBertScorer.open(model, openGraph, {
    passes: job.passes,
    alternatives: job.alternatives,
    threads: job.threads,
  });
  await timed(scorer, windows.slice(0, job.windows / 4));
  const { seconds, total } = await timed(scorer, windows);
  await scorer.close();
  return {
    windows: job.windows,
    seconds,
    meanSurprise: total / (job.windows * (job.length - 1)),
    program: `Node ${process.version}`,
  };
}

async function timed(
  scorer: LogBertScorer,
  windows: readonly Int32Array[],
): Promise<{ readonly seconds: number; readonly total: number }> {
  const startedAt = performance.now();
  let total = 0;
  for (let from = 0; from < windows.length; from += SCORED_AT_ONCE) {
    for (const { surprise } of await scorer.score(windows.slice(from, from + SCORED_AT_ONCE))) {
      for (const nats of surprise) total += nats;
    }
  }
  return { seconds: (performance.now() - startedAt) / 1_000, total };
}
