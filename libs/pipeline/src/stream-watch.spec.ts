import { type Anomaly, configurationSchema, streamSettingsSchema } from '@logbert/contracts';
import { seededRandom } from '@logbert/logbert';
import { describe, expect, it } from 'vitest';
import {
  type Detected,
  type IncomingRecord,
  StreamDetector,
  type StreamDetectorState,
} from './stream-detector';

const START_MS = Date.UTC(2030, 0, 1, 10);
const MINUTE_MS = 60_000;
const { detection } = configurationSchema.parse({});
const settings = streamSettingsSchema.parse({
  window: { kind: 'session', idleMs: 1_000, maxLength: 32 },
  alertBudget: 0.01,
});

const build = (changes: Partial<typeof detection> = {}): StreamDetector =>
  new StreamDetector({
    stream: 'shop',
    settings,
    detection: { ...detection, ...changes },
    bundle: undefined,
  });

function records(
  lines: readonly { atMs: number; service?: string; session?: string; message: string }[],
  firstOffset = 0,
): IncomingRecord[] {
  return lines.map(({ atMs, service = 'web', session, message }, index) => ({
    offset: firstOffset + index,
    receivedAtMs: atMs,
    value: new TextEncoder().encode(
      JSON.stringify({ time: atMs, service, request_id: session, message }),
    ),
  }));
}

/** A visit: its steps are always the same, with names and figures that vary. */
function visit(index: number, random: () => number, extra: readonly string[] = []) {
  const steps = [
    `request ${Math.floor(random() * 1e6)} accepted`,
    random() < 0.5 ? 'cache hit for the page' : 'cache miss, page is being read',
    ...extra,
    `rendered in ${Math.floor(random() * 90)} ms`,
    'answered and done',
  ];
  return steps.map((message, step) => ({
    atMs: START_MS + index * 2_000 + step * 10,
    session: `s-${index}`,
    message,
  }));
}

/** Gives a detector records as time goes by. */
async function run(
  detector: StreamDetector,
  lines: readonly IncomingRecord[],
): Promise<Pick<Detected, 'anomalies' | 'windows'>> {
  const anomalies: Anomaly[] = [];
  let windows = 0;
  for (let start = 0; start < lines.length; start += 40) {
    const batch = lines.slice(start, start + 40);
    const nowMs = batch.at(-1)?.receivedAtMs ?? START_MS;
    for (const found of [await detector.accept(batch, nowMs), await detector.closeIdle(nowMs)]) {
      anomalies.push(...found.anomalies);
      windows += found.windows;
    }
  }
  return { anomalies, windows };
}

const idsOf = (...found: readonly Pick<Detected, 'anomalies'>[]) =>
  found.flatMap(({ anomalies }) => anomalies.map(({ id, pValue }) => ({ id, pValue })));

const cloned = (detector: StreamDetector): StreamDetectorState =>
  JSON.parse(JSON.stringify(detector.snapshot())) as StreamDetectorState;

describe('a stream that has no model', () => {
  const visits = (count: number, seed = 1) => {
    const random = seededRandom(seed);
    return Array.from({ length: count }, (_, index) => visit(index, random)).flat();
  };

  it('flags nothing while it cannot know what is usual, and little of what is usual', async () => {
    const detector = build();
    const { anomalies, windows } = await run(detector, records(visits(2_000)));
    expect(detector.untrainedWindows).toBe(400);
    expect(anomalies.length / windows).toBeLessThanOrEqual(1.5 * settings.alertBudget);
  });

  it('raises a line that nobody has seen, and says which', async () => {
    const detector = build();
    const odd = visit(300, seededRandom(2), ['disk sda1 is full, cannot write the page']);
    const after = visit(301, seededRandom(3));
    const lines = [...visits(300), ...odd, ...after];
    const { anomalies } = await run(detector, records(lines));
    expect(anomalies).toMatchObject([
      { modelId: null, windowKey: 's-300', state: 'open', early: { position: 2 } },
      {
        modelId: null,
        windowKey: 's-300',
        state: 'closed',
        early: { position: 2 },
        decidingChannel: 'novelty',
        services: ['web'],
        missing: [],
        culprits: [expect.any(String)],
      },
    ]);
    const [open, anomaly] = anomalies;
    expect(open?.id).toBe(anomaly?.id);
    expect(open?.lines).toHaveLength(3);
    expect(anomaly?.lines.filter(({ isNovel }) => isNovel)).toMatchObject([
      { raw: expect.stringContaining('disk sda1'), isAbnormal: true },
    ]);
    expect(anomaly?.context.length).toBeGreaterThan(0);
    expect(anomaly?.lines[0]?.template).toBe('request <NUM> accepted');
  });

  it('raises a window that lacks what the others have, and says what', async () => {
    const detector = build();
    const odd = visit(300, seededRandom(2)).slice(0, -1);
    const after = visit(301, seededRandom(3));
    const { anomalies } = await run(detector, records([...visits(300), ...odd, ...after]));
    expect(anomalies).toMatchObject([
      {
        decidingChannel: 'rarity',
        missing: [{ template: 'answered and done', service: 'web' }],
      },
    ]);
  });

  it('finds after a restart what it would have found', async () => {
    const failures = [
      'disk is full',
      'connection to the depot refused',
      'somebody else has the lock',
    ];
    const odd = failures.flatMap((failure, index) =>
      visit(150 + 100 * index, seededRandom(index), [failure]),
    );
    const lines = records([...visits(400), ...odd].sort((a, b) => a.atMs - b.atMs));
    const whole = build();
    const expected = idsOf(await run(whole, lines), await whole.flush(START_MS));
    expect(expected.length).toBeGreaterThanOrEqual(2);
    for (const cut of [100, 777, 1_201]) {
      const [first, second] = [build(), build()];
      const before = await run(first, lines.slice(0, cut));
      expect(second.resume(cloned(first), START_MS)).toBe(true);
      expect(second.untrainedWindows).toBe(first.untrainedWindows);
      const after = await run(second, lines.slice(cut));
      expect(idsOf(before, after, await second.flush(START_MS))).toEqual(expected);
    }
  });

  it('goes on from a state that an older version kept', async () => {
    const first = build();
    await run(first, records(visits(20)));
    const later = new Set(['watch', 'cluster']);
    const old = JSON.parse(
      JSON.stringify(first.snapshot(), (key, value: unknown) =>
        later.has(key) ? undefined : value,
      ),
    ) as StreamDetectorState;
    const second = build();
    expect(second.resume(old, START_MS)).toBe(true);
    const { windows } = await run(second, records(visits(40).slice(80), 80));
    expect(windows).toBe(20);
    expect(second.untrainedWindows).toBe(19);
  });

  it('remembers of the overlapping windows of a service only those that share no line', async () => {
    const detector = new StreamDetector({
      stream: 'shop',
      settings: { ...settings, window: { kind: 'sliding', size: 4, stride: 2, idleMs: 60_000 } },
      detection,
      bundle: undefined,
    });
    const lines = Array.from({ length: 40 }, (_, index) => ({
      atMs: START_MS + index,
      message: `step ${index % 4}`,
    }));
    const { windows } = await run(detector, records(lines));
    expect(windows).toBe(19);
    expect(detector.untrainedWindows).toBe(10);
  });
});

describe('the rate of templates', () => {
  interface Minute {
    readonly beats: number;
    readonly orders: number;
  }
  const hour: readonly Minute[] = Array.from({ length: 70 }, (_, minute) => ({
    beats: 20,
    orders: 2 + ((minute * 7) % 4),
  }));
  const linesOf = (minutes: readonly Minute[]) =>
    minutes.flatMap(({ beats, orders }, minute) =>
      [
        ...Array.from({ length: beats }, (_, n) => ({
          atMs: START_MS + minute * MINUTE_MS + n * 3_000,
          service: 'pacer',
          message: 'heart beats',
        })),
        ...Array.from({ length: orders }, (_, n) => ({
          atMs: START_MS + minute * MINUTE_MS + Math.floor((n * MINUTE_MS) / orders),
          service: 'desk',
          message: `order ${1_000 * minute + n} taken`,
        })),
      ].sort((a, b) => a.atMs - b.atMs),
    );
  const rush = [...hour, { beats: 20, orders: 37 }, ...hour.slice(0, 3)];
  const silence = [...hour, { beats: 0, orders: 3 }, ...hour.slice(0, 3)];
  const ratesOf = ({ anomalies }: Pick<Detected, 'anomalies'>): readonly Anomaly[] =>
    anomalies.filter(({ decidingChannel }) => decidingChannel === 'rate');

  it('tells a minute with far more lines of a template than expected, and shows the last ones', async () => {
    const [anomaly, ...others] = ratesOf(await run(build(), records(linesOf(rush))));
    expect(others).toEqual([]);
    expect(anomaly).toMatchObject({
      windowKey: 'minute:2030-01-01T11:10Z',
      modelId: null,
      firstAt: START_MS + 70 * MINUTE_MS,
      services: ['desk'],
      rates: [
        {
          template: 'order <NUM> taken',
          service: 'desk',
          count: 37,
          expectedFrom: 2,
          expectedTo: 5,
        },
      ],
      missing: [],
    });
    expect(anomaly?.lines).toHaveLength(5);
    expect(anomaly?.lines.at(-1)?.raw).toContain('order 70036 taken');
    expect(anomaly?.culprits).toEqual([anomaly?.lines[0]?.templateId]);
  });

  it('tells a minute in which a usual template is silent, without lines', async () => {
    const [anomaly, ...others] = ratesOf(await run(build(), records(linesOf(silence))));
    expect(others).toEqual([]);
    expect(anomaly).toMatchObject({
      services: ['pacer'],
      lines: [],
      rates: [{ template: 'heart beats', count: 0, expectedFrom: 20, expectedTo: 20 }],
    });
  });

  it('finds the same after a restart, in whatever batches lines come, and with lines out of order', async () => {
    const lines = records(linesOf(rush));
    const mixed = lines.map((_, index) => lines[index ^ 3] ?? lines[index]);
    const shuffled = mixed.flatMap((line, offset) => (line ? [{ ...line, offset }] : []));
    const expected = idsOf(await run(build(), lines));
    expect(expected).toHaveLength(1);
    for (const cut of [400, lines.length - 30, lines.length - 10]) {
      const [first, second] = [build(), build()];
      const before = await run(first, shuffled.slice(0, cut));
      second.resume(cloned(first), START_MS);
      expect(idsOf(before, await run(second, shuffled.slice(cut)))).toEqual(expected);
    }
  });

  it('is not disturbed by lines that are late or from the future', async () => {
    const lines = linesOf(rush);
    const late = { atMs: START_MS, service: 'desk', message: 'order 1 taken' };
    const future = { ...late, atMs: START_MS + 1e10 };
    const disturbed = records([...lines.slice(0, 300), late, future, ...lines.slice(300)]).map(
      (record, index) => (index === 301 ? { ...record, receivedAtMs: START_MS } : record),
    );
    const expected = idsOf(await run(build(), records(lines)));
    expect(idsOf(await run(build(), disturbed))).toEqual(expected);
  });

  it.each([
    ['the clock of one source is fast', ['edge'], 290_000],
    ['all clocks are fast', ['edge', 'pacer', 'desk'], 120_000],
  ])('is told when %s', async (_case, fast, aheadMs) => {
    const minutes = rush.length;
    const edge = Array.from({ length: minutes * 4 }, (_, n) => ({
      atMs: START_MS + n * 15_000 + 7,
      service: 'edge',
      message: 'page delivered',
    }));
    const inTime = [...linesOf(rush), ...edge].sort((a, b) => a.atMs - b.atMs);
    const lines = inTime.map((line) =>
      fast.includes(line.service) ? { ...line, atMs: line.atMs + aheadMs } : line,
    );
    const received = records(lines).map((record, index) => ({
      ...record,
      receivedAtMs: inTime[index]?.atMs ?? START_MS,
    }));
    expect(ratesOf(await run(build(), received))).toMatchObject([
      { rates: [{ template: 'order <NUM> taken', count: 37 }] },
    ]);
  });

  it('is told soon after a host has sent what it could not send for long', async () => {
    const usual = linesOf([...hour, ...hour.slice(0, 2)]);
    // Twenty minutes of it, in which nothing came from the others.
    const held = Array.from({ length: 6_000 }, (_, n) => ({
      atMs: START_MS + 40 * MINUTE_MS + n * 200,
      service: 'desk',
      message: `order ${n} taken`,
    }));
    const after = linesOf([...hour, ...rush.slice(-8)]).map((line) => ({
      ...line,
      atMs: line.atMs + 2 * MINUTE_MS,
    }));
    const lines = [
      ...usual,
      ...held,
      ...after.filter(({ atMs }) => atMs >= START_MS + 72 * MINUTE_MS),
    ];
    let nowMs = START_MS;
    const received = records(lines).map((record, index) => {
      nowMs = Math.max(nowMs, lines[index]?.atMs ?? 0);
      return { ...record, receivedAtMs: nowMs };
    });
    expect(ratesOf(await run(build(), received))).toMatchObject([
      { rates: [{ template: 'order <NUM> taken', count: 37 }] },
    ]);
  });

  it('is not looked at where it is turned off', async () => {
    const detected = await run(build({ rate: false }), records(linesOf(rush)));
    expect(ratesOf(detected)).toEqual([]);
  });
});
