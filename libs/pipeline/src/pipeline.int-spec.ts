import {
  configurationSchema,
  streamSettingsSchema,
  type TrainingProgress,
} from '@logbert/contracts';
import { openGraph } from '@logbert/graph-runner';
import { seededRandom } from '@logbert/logbert';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadBundle, type LoadedBundle } from './bundle';
import { TrainingSourceFailure } from './pipeline-failure';
import { type Detected, type IncomingRecord, StreamDetector } from './stream-detector';
import { trainStream, type TrainedBundle } from './train-stream';
import type { Turn } from './turn';

const START = Date.UTC(2030, 0, 1);
const configuration = configurationSchema.parse({ training: { epochs: 6, model: { hidden: 32 } } });
const settings = streamSettingsSchema.parse({
  window: { kind: 'session', idleMs: 2_000, maxLength: 32 },
});

/** An order that goes right: its steps always come in this order, with a cache hit or miss in the middle. */
function normalOrder(id: string, random: () => number): string[] {
  return [
    line('gateway', id, `POST /orders accepted for user ${Math.floor(random() * 900)}`),
    line('cart', id, `loaded cart with ${1 + Math.floor(random() * 9)} items`),
    random() < 0.5
      ? line('catalogue', id, 'price cache hit')
      : line('catalogue', id, 'price cache miss, reading from database'),
    line('payment', id, `authorised ${Math.floor(random() * 500)} EUR`),
    line('payment', id, 'captured the charge'),
    line('gateway', id, `POST /orders answered 201 in ${10 + Math.floor(random() * 90)} ms`),
  ];
}

function line(service: string, requestId: string, message: string): string {
  return JSON.stringify({ service, level: 'info', request_id: requestId, message });
}

/** One session every 100 ms, its lines 5 ms apart. */
function records(
  sessions: readonly (readonly string[])[],
  from = START,
  offset = 0,
): IncomingRecord[] {
  return sessions.flatMap((lines, session) =>
    lines.map((text, index) => ({
      offset: offset++,
      receivedAtMs: from + session * 100 + index * 5,
      value: new TextEncoder().encode(text),
    })),
  );
}

async function* each<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

describe('from raw lines to anomalies', () => {
  const random = seededRandom(3);
  const history = records(Array.from({ length: 900 }, (_, n) => normalOrder(`r-${n}`, random)));
  const told: TrainingProgress[] = [];
  let trained: TrainedBundle;
  let bundle: LoadedBundle;

  beforeAll(async () => {
    trained = await trainStream({
      records: () => each(history),
      settings,
      training: configuration.training,
      detection: configuration.detection,
      openGraph,
      now: () => performance.now(),
      onProgress: (progress) => told.push(progress),
    });
    bundle = await loadBundle('m-1', trained.files, openGraph, configuration.detection);
  });

  async function detect(
    sessions: readonly (readonly string[])[],
    from: number,
    turn?: Turn,
  ): Promise<Detected> {
    const detector = new StreamDetector({
      stream: 'shop',
      settings,
      detection: configuration.detection,
      bundle,
    });
    const accepted = await detector.accept(records(sessions, from), from, from, turn);
    const closed = await detector.closeIdle(from + 3_600_000);
    return {
      ...closed,
      anomalies: [...accepted.anomalies, ...closed.anomalies],
      judged: [...accepted.judged, ...closed.judged],
      failures: accepted.failures,
      lines: accepted.lines,
      templateCounts: accepted.templateCounts,
    };
  }

  const normals = (count: number, prefix: string): string[][] =>
    Array.from({ length: count }, (_, n) => normalOrder(`${prefix}-${n}`, random));

  it('tells its progress from the first stage to the last, never backwards', () => {
    const shares = told.map(({ share }) => share);
    expect(shares).toEqual([...shares].sort((a, b) => a - b));
    expect(new Set(told.map(({ stage }) => stage))).toEqual(
      new Set(['reading', 'mining', 'windowing', 'training', 'calibrating', 'saving', 'done']),
    );
    expect(trained.metrics).toMatchObject({ lines: 5_400, templates: 7 });
  });

  it('leaves normal sessions alone', async () => {
    const { judged, anomalies } = await detect(normals(200, 'n'), START + 10_000_000);
    expect(judged).toHaveLength(200);
    expect(anomalies.length).toBeLessThanOrEqual(1);
  });

  it('flags a session with a line it has never seen and says which', async () => {
    const odd = normalOrder('odd', random);
    odd[4] = line('payment', 'odd', 'provider unreachable: connection refused');
    const { anomalies } = await detect([...normals(20, 'n'), odd], START + 20_000_000);
    const anomaly = anomalies.find(({ windowKey }) => windowKey.includes('odd'));
    expect(anomaly?.lines.filter(({ isNovel }) => isNovel)).toMatchObject([
      { service: 'payment', isAbnormal: true },
    ]);
    expect(anomaly?.services[0]).toBe('payment');
    expect(anomaly?.context.length).toBeGreaterThan(0);
  });

  it('flags a session that lacks a step and names the step', async () => {
    const odd = normalOrder('odd', random).filter((text) => !text.includes('captured the charge'));
    const { anomalies } = await detect([...normals(20, 'n'), odd], START + 30_000_000);
    const anomaly = anomalies.find(({ windowKey }) => windowKey.includes('odd'));
    expect(anomaly?.missing).toMatchObject([
      { template: 'captured the charge', service: 'payment' },
    ]);
  });

  it('flags a session whose steps are out of order and says what was expected', async () => {
    const [a = '', b = '', c = '', d = '', e = '', f = ''] = normalOrder('odd', random);
    const { anomalies } = await detect(
      [...normals(20, 'n'), [a, e, d, c, b, f]],
      START + 40_000_000,
    );
    const anomaly = anomalies.find(({ windowKey }) => windowKey.includes('odd'));
    const surprising = anomaly?.lines.filter(({ isAbnormal }) => isAbnormal) ?? [];
    expect(surprising.length).toBeGreaterThan(0);
    expect(surprising.some(({ expected }) => expected.length > 0)).toBe(true);
  });

  it('finds the same where it lets others in within a batch', async () => {
    const sessions = normals(60, 'n').map((lines, n) => (n % 9 === 0 ? lines.slice(2) : lines));
    let asked = 0;
    const turn = { isLong: true, isWanted: async () => ++asked > 0, pass: async () => 0 };
    const [from, context] = [START + 45_000_000, []];
    const [whole, cut] = [await detect(sessions, from), await detect(sessions, from, turn)];
    expect([asked > 5, whole.anomalies.length > 0]).toEqual([true, true]);
    // The lines around an anomaly are those that had come when it was told.
    const told = (found: Detected) => found.anomalies.map((one) => ({ ...one, context }));
    expect({ ...cut, anomalies: told(cut) }).toEqual({ ...whole, anomalies: told(whole) });
  });

  it('gives the same window the same id and score each time', async () => {
    const odd = [line('payment', 'odd', 'panic: out of cheese'), ...normalOrder('odd', random)];
    const first = await detect([odd], START + 50_000_000);
    const second = await detect([odd], START + 50_000_000);
    expect(first.anomalies[0]).toEqual(second.anomalies[0]);
  });

  it('goes on from the state of another as if it had seen every line itself', async () => {
    const detectorOf = (share: number) => {
      const random = seededRandom(21);
      const sessions = Array.from({ length: 200 }, (_, n) => {
        const order = normalOrder(`s-${n}`, random);
        return n % 20 === 19 ? order.filter((_line, index) => index !== 4) : order;
      });
      // Each session goes on while the next ones begin.
      const lines = records(sessions)
        .map((record, index) => ({
          ...record,
          receivedAtMs: START + (index % 6) * 300 + Math.floor(index / 6) * 100,
        }))
        .sort((a, b) => a.receivedAtMs - b.receivedAtMs)
        .map((record, offset) => ({ ...record, offset }));
      return { lines, cut: Math.floor(lines.length * share) };
    };
    const build = () =>
      new StreamDetector({
        stream: 'shop',
        settings,
        detection: configuration.detection,
        bundle,
      });
    const idsOf = (...found: readonly Detected[]) =>
      found.flatMap(({ anomalies }) => anomalies.map(({ id, pValue }) => ({ id, pValue })));
    const { lines, cut } = detectorOf(0.6);
    const now = START + 3_600_000;

    const whole = build();
    const expected = idsOf(await whole.accept(lines, now), await whole.flush(now));
    expect(expected.length).toBeGreaterThanOrEqual(10);

    const [first, second] = [build(), build()];
    const before = idsOf(await first.accept(lines.slice(0, cut), now));
    expect(first.openWindows).toBeGreaterThan(1);
    expect(second.resume(structuredClone(first.snapshot()), now)).toBe(true);
    expect(second.lowWatermark()).toBe(first.lowWatermark());
    const after = idsOf(await second.accept(lines.slice(cut), now), await second.flush(now));
    expect([...before, ...after]).toEqual(expected);
  });

  it('tells with a model, too, that a template comes more often than in the hour before', async () => {
    const random = seededRandom(31);
    const minutes = Array.from({ length: 68 }, (_, minute) => (minute === 64 ? 40 : 3));
    const lines = minutes.flatMap((orders, minute) =>
      Array.from({ length: orders }, (_, n) =>
        normalOrder(`${minute}-${n}`, random).map((text, step) => ({
          receivedAtMs: START + minute * 60_000 + Math.floor((n * 60_000) / orders) + step,
          value: new TextEncoder().encode(text),
        })),
      ).flat(),
    );
    const detector = new StreamDetector({
      stream: 'shop',
      settings,
      detection: configuration.detection,
      bundle,
    });
    const all = lines.map((line, offset) => ({ ...line, offset }));
    const { anomalies } = await detector.accept(all, START);
    const told = anomalies.filter(({ decidingChannel }) => decidingChannel === 'rate');
    expect(told).toMatchObject([{ modelId: 'm-1', windowKey: 'minute:2030-01-01T01:04Z' }]);
    expect(detector.untrainedWindows).toBeUndefined();
    const [anomaly] = told;
    expect(anomaly?.rates.find(({ template }) => template === 'captured the charge')).toMatchObject(
      {
        service: 'payment',
        count: 40,
        expectedFrom: 3,
        expectedTo: 3,
      },
    );
    expect(anomaly?.lines.every(({ isNovel }) => !isNovel)).toBe(true);
  });

  it('tells the same final verdicts of the same anomalies as one that was never interrupted', async () => {
    const sessions = normals(160, 's').map((lines, index) => {
      const isOdd = index % 16 === 3;
      return isOdd ? [...lines.slice(0, 3), line('payment', `s-${index}`, 'gave up')] : lines;
    });
    const lines = records(sessions, START, 7_000);
    const build = () =>
      new StreamDetector({
        stream: 'shop',
        settings,
        detection: configuration.detection,
        bundle,
      });
    const outcomesOf = (...found: readonly Detected[]) =>
      found
        .flatMap(({ settled }) => settled)
        .flatMap(({ anomalyId, outcome, verdict: { pValue } }) =>
          anomalyId === undefined ? [] : [{ anomalyId, outcome, pValue }],
        );
    const stored = (detector: StreamDetector) =>
      JSON.parse(JSON.stringify(detector.snapshot())) as ReturnType<typeof detector.snapshot>;
    const [now, cut, crash] = [START + 3_600_000, 400, 600];

    const whole = build();
    const found = [await whole.accept(lines, now), await whole.flush(now)];
    const expected = outcomesOf(...found);
    const anomalies = found.flatMap(({ anomalies }) => anomalies);
    const ids = anomalies.filter(({ state }) => state === 'closed').map(({ id }) => id);
    expect(ids.length).toBeGreaterThanOrEqual(10);
    expect(expected.map(({ anomalyId }) => anomalyId)).toEqual(ids);

    const first = build();
    const told = outcomesOf(await first.accept(lines.slice(0, cut), now));
    const kept = stored(first);
    // What it tells from here on is lost with it, and told again.
    await first.accept(lines.slice(cut, crash), now);
    const second = build();
    expect(second.resume(kept, now)).toBe(true);
    told.push(...outcomesOf(await second.accept(lines.slice(cut), now), await second.flush(now)));
    expect(told).toEqual(expected);

    const successor = new StreamDetector({
      stream: 'shop',
      settings,
      detection: configuration.detection,
      bundle: { ...bundle, modelId: 'm-2' },
    });
    first.use({ ...bundle, modelId: 'm-2' });
    expect(successor.resume(kept, now)).toBe(true);
    const atOnce = outcomesOf(await successor.accept([], now));
    expect(atOnce.length).toBeGreaterThan(0);
    expect(expected.map(({ anomalyId }) => anomalyId)).toEqual(
      expect.arrayContaining(atOnce.map(({ anomalyId }) => anomalyId)),
    );
    // Settled by the change of the model and not yet told when the state was kept.
    const heir = build();
    expect(heir.resume(stored(first), now)).toBe(true);
    expect(outcomesOf(await heir.accept([], now))).toEqual(outcomesOf(await first.accept([], now)));

    const { verdicts, ...older } = kept;
    expect(verdicts).toBeDefined();
    const forgetful = build();
    expect(forgetful.resume(older, now)).toBe(true);
  });

  it('gives novel lines the ids that they had before a restart, also those of no open window', async () => {
    const build = (): StreamDetector =>
      new StreamDetector({
        stream: 'shop',
        settings: { ...settings, window: { kind: 'session', idleMs: 1_000, maxLength: 32 } },
        detection: configuration.detection,
        bundle,
      });
    const line = (name: string, index: number) => ({
      offset: index,
      receivedAtMs: START + index * 60_000,
      value: new TextEncoder().encode(
        JSON.stringify({ request_id: `r-${index}`, message: `warden ${name} has left his gate` }),
      ),
    });
    const first = ['anna', 'bert', 'cleo'].map(line);
    const later = [line('dora', 3)];
    const idsOf = ({ templateCounts }: Detected): readonly string[] =>
      templateCounts.map(({ templateId }) => templateId);
    const [undisturbed, before, after, bare] = [build(), build(), build(), build()];
    for (const detector of [undisturbed, before]) {
      await detector.accept(first, START);
      await detector.flush(START);
    }
    expect(before.openWindows).toBe(0);
    const kept = JSON.parse(JSON.stringify(before.snapshot())) as ReturnType<
      typeof before.snapshot
    >;
    expect(after.resume(kept, START)).toBe(true);
    const expected = idsOf(await undisturbed.accept(later, START));
    expect(idsOf(await after.accept(later, START))).toEqual(expected);
    expect(idsOf(await bare.accept(later, START))).not.toEqual(expected);
  });

  it('does not go on from windows that other settings have cut', async () => {
    const build = (idleMs: number) =>
      new StreamDetector({
        stream: 'shop',
        settings: { ...settings, window: { kind: 'session', idleMs, maxLength: 32 } },
        detection: configuration.detection,
        bundle,
      });
    const first = build(1_000);
    const second = build(2_000);
    await first.accept(records([normalOrder('r', seededRandom(1))]), START);
    expect(second.resume(first.snapshot(), START)).toBe(false);
    expect(second.openWindows).toBe(0);
  });

  it('passes over a poison record with its reason and goes on', async () => {
    const detector = new StreamDetector({
      stream: 'shop',
      settings,
      detection: configuration.detection,
      bundle,
    });
    const poison = { offset: 0, receivedAtMs: START, value: Uint8Array.of(0xff, 0xfe, 0xfd) };
    const [good] = records([normalOrder('g', random)], START, 1);
    const detected = await detector.accept(good ? [poison, good] : [poison], START);
    expect(detected.failures).toMatchObject([{ offset: 0 }]);
    expect(detected.lines).toBe(1);
    expect(detector.lowWatermark()).toBe(1);
  });

  it('counts lines and gathers templates before there is a model', async () => {
    const detector = new StreamDetector({
      stream: 'shop',
      settings,
      detection: configuration.detection,
      bundle: undefined,
    });
    const detected = await detector.accept(records(normals(3, 'n')), START);
    expect(detected).toMatchObject({ lines: 18, windows: 0, anomalies: [] });
    expect(detected.novelTemplates.length).toBeGreaterThan(4);
  });

  it('refuses a source with too few windows and says how many are needed', async () => {
    const training = trainStream({
      records: () => each(history.slice(0, 60)),
      settings,
      training: configuration.training,
      detection: configuration.detection,
      openGraph,
      now: () => performance.now(),
    });
    await expect(training).rejects.toThrow(TrainingSourceFailure);
    await expect(training).rejects.toThrow(/100 are needed/);
  });
});
