import { type BundleFile, configurationSchema, streamSettingsSchema } from '@logbert/contracts';
import { openGraph } from '@logbert/graph-runner';
import { NonFiniteFailure, type TrainedLogBert } from '@logbert/logbert';
import type { OpenGraph } from '@logbert/onnx-graph';
import { describe, expect, it } from 'vitest';
import { loadBundle, type LoadedBundle } from './bundle';
import { TrainingSourceFailure } from './pipeline-failure';
import { ScoreCache } from './score-cache';
import { type Detected, StreamDetector } from './stream-detector';
import { trainStream } from './train-stream';

const START = Date.UTC(2030, 0, 1);
const configuration = configurationSchema.parse({
  training: { epochs: 1, model: { hidden: 16, heads: 2, layers: 1 } },
});
const settings = streamSettingsSchema.parse({ window: { kind: 'session', idleMs: 1_000 } });

/** One session every 10 s, of lines of which each is a template of its own. */
function recordsOf(sessions: readonly (readonly string[])[], from = START) {
  let offset = 0;
  return sessions.flatMap((messages, session) =>
    messages.map((message, line) => ({
      offset: offset++,
      receivedAtMs: from + session * 10_000 + line,
      value: Buffer.from(
        JSON.stringify({ service: 'web', request_id: `r-${from}-${session}`, message }),
      ),
    })),
  );
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

type Files = Readonly<Record<BundleFile, Uint8Array>>;

const open = (files: Files): Promise<LoadedBundle> =>
  loadBundle('m-1', files, openGraph, configuration.detection);

async function train(sessions: readonly (readonly string[])[], more = {}): Promise<LoadedBundle> {
  return open(await filesOf(sessions, more));
}

async function filesOf(sessions: readonly (readonly string[])[], more = {}): Promise<Files> {
  const { files } = await trainStream({
    records: () => each(recordsOf(sessions)),
    settings,
    training: { ...configuration.training, ...more },
    detection: configuration.detection,
    openGraph,
    now: () => performance.now(),
  });
  return files;
}

async function detect(
  bundle: LoadedBundle,
  sessions: readonly (readonly string[])[],
): Promise<Detected> {
  const { detection } = configuration;
  const detector = new StreamDetector({ stream: 'web', settings, detection, bundle });
  const from = START + 1e9;
  const { judged, anomalies, unscored } = await detector.accept(recordsOf(sessions, from), from);
  const rest = await detector.flush(from);
  return {
    ...rest,
    judged: [...judged, ...rest.judged],
    // One that is told while its session is open is told again.
    anomalies: [...anomalies, ...rest.anomalies].filter(({ state }) => state === 'closed'),
    unscored: new Map([...unscored, ...rest.unscored]),
  };
}

/** Words without digits, which no mask takes for a value. */
const word = (n: number): string =>
  n.toString(26).replace(/./g, (c) => 'abcdefghijklmnopqrstuvwxyz'[Number.parseInt(c, 26)] ?? c);
const times = <T>(count: number, item: (n: number) => T): T[] =>
  Array.from({ length: count }, (_, n) => item(n));
const ODD = ['kernel panic: the world is on fire'];

describe('logs at the edge of what can be learnt', () => {
  it.each([
    ['one key, all windows identical', () => ['tick']],
    ['windows of one line, of two keys', (n: number) => [n % 2 === 0 ? 'tick' : 'tock now']],
    ['identical windows of three lines', () => ['open the door', 'walk in', 'close the door']],
  ])('leaves %s alone and flags a line that it never saw', async (_case, messagesOf) => {
    const bundle = await train(times(1_200, messagesOf));
    const { judged, anomalies } = await detect(bundle, [...times(200, messagesOf), ODD]);
    expect(judged).toHaveLength(201);
    expect(anomalies.map(({ decidingChannel, lines }) => [decidingChannel, lines.length])).toEqual([
      [expect.any(String), 1],
    ]);
    expect(anomalies[0]?.lines[0]?.isNovel).toBe(true);
    await bundle.close();
  });

  it('learns ten thousand keys, each of which came once or twice, and calls no such session abnormal', async () => {
    const messagesOf = (n: number): string[] =>
      times(5, (line) => `${word(5 * n + line)} ${word(7 * n + line)} is ${word(n * 31 + line)}`);
    const bundle = await train(times(2_000, messagesOf));
    expect(bundle.vocabulary.size).toBeGreaterThan(5_000);
    const { judged, anomalies, unscored } = await detect(bundle, times(100, messagesOf));
    expect(judged).toHaveLength(100);
    expect(anomalies.length).toBeLessThanOrEqual(1);
    expect(unscored.size).toBe(0);
    await bundle.close();
  }, 120_000);

  it('refuses before it trains where too little would be left to calibrate by', async () => {
    const sessions = times(120, () => ['tick']);
    const training = train(sessions, { calibrationShare: 0.05, epochs: 500 });
    await expect(training).rejects.toThrow(TrainingSourceFailure);
    await expect(training).rejects.toThrow(
      /113 windows to train on and 6 to calibrate by .* 20 are needed/,
    );
  });

  it('judges by the other channels what a broken model cannot score, and says of how many windows and why', async () => {
    const messagesOf = () => ['open the door', 'walk in', 'close the door'];
    const bundle = await train(times(1_200, messagesOf));
    const lastGood: Pick<TrainedLogBert, 'history'> = { history: [] };
    const scores = new ScoreCache(
      () => Promise.reject(new NonFiniteFailure('loss', 1, lastGood as TrainedLogBert)),
      10,
    );
    const broken = { ...bundle, scores };
    const { judged, anomalies, unscored } = await detect(broken, [...times(5, messagesOf), ODD]);
    expect(judged).toHaveLength(6);
    expect([...unscored]).toEqual([['logbert/non-finite', 6]]);
    expect(anomalies).toHaveLength(1);
    expect(anomalies[0]?.lines[0]?.isNovel).toBe(true);
    await bundle.close();
  });

  it('makes a model of the epochs before the training diverged, and says at which step that was', async () => {
    let steps = 0;
    const diverging: OpenGraph = async (graph, options) => {
      const opened = await openGraph(graph, options);
      return {
        close: () => opened.close(),
        run: async (feeds, outputs) => {
          const results = await opened.run(feeds, outputs);
          const loss = outputs?.['nextParameters'] && outputs['loss'];
          if (loss && ++steps > 30) loss.data[0] = NaN;
          return results;
        },
      };
    };
    const sessions = times(400, () => ['open the door', 'walk in', 'close the door']);
    const { files, metrics } = await trainStream({
      records: () => each(recordsOf(sessions)),
      settings,
      training: { ...configuration.training, epochs: 5 },
      detection: configuration.detection,
      openGraph: diverging,
      now: () => performance.now(),
    });
    expect(metrics).toMatchObject({ epochs: 1, divergence: { quantity: 'loss', step: 31 } });
    await (await open(files)).close();
  });

  it('refuses parts of two models that do not fit each other, and names the one at fault', async () => {
    const two = await filesOf(times(400, () => ['open the door', 'close the door']));
    const three = await filesOf(times(400, () => ['open the door', 'walk in', 'close the door']));
    const alike = await filesOf(times(400, () => ['start the car', 'stop the car']));
    await expect(open({ ...two, 'model.onnx': three['model.onnx'] })).rejects.toThrow(
      /model\.onnx: made for 7 log keys, but vocabulary\.json has 6/,
    );
    await expect(open({ ...two, 'calibration.json': three['calibration.json'] })).rejects.toThrow(
      /calibration\.json: made for 7 log keys, but vocabulary\.json has 6/,
    );
    await expect(open({ ...two, 'vocabulary.json': alike['vocabulary.json'] })).rejects.toThrow(
      /vocabulary\.json: 2 of its keys, .* are no template of templates\.json/,
    );
  });
});
