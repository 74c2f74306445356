import { type Anomaly, configurationSchema, streamSettingsSchema } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import {
  type Detected,
  type IncomingRecord,
  StreamDetector,
  type StreamDetectorState,
} from './stream-detector';

const START_MS = Date.UTC(2030, 0, 1, 10);
const { detection } = configurationSchema.parse({});
const settings = streamSettingsSchema.parse({
  window: { kind: 'session', idleMs: 60_000, maxLength: 32 },
  alertBudget: 0.01,
});

interface Line {
  readonly atMs: number;
  readonly session: string;
  readonly message: string;
}

const build = (): StreamDetector =>
  new StreamDetector({ stream: 'shop', settings, detection, bundle: undefined });

function records(lines: readonly Line[]): IncomingRecord[] {
  return [...lines]
    .sort((a, b) => a.atMs - b.atMs)
    .map(({ atMs, session, message }, offset) => ({
      offset,
      receivedAtMs: atMs,
      value: new TextEncoder().encode(
        JSON.stringify({ time: atMs, service: 'web', request_id: session, message }),
      ),
    }));
}

/** A session of four steps, some ten of which overlap; what is extra comes in the middle. */
function visit(index: number, extra: readonly string[] = []): Line[] {
  const steps = ['request accepted', 'page found', ...extra, 'page rendered', 'answered and done'];
  return steps.map((message, step) => ({
    atMs: START_MS + index * 1_000 + step * 2_500,
    session: `s-${index}`,
    message,
  }));
}

const visits = (from: number, to: number, extra: readonly string[] = []): Line[] =>
  Array.from({ length: to - from }, (_, index) => visit(from + index, extra)).flat();

const told = ({ id, state, pValue, early, lines, verdict }: Anomaly) => ({
  ...{ id, state, pValue, early, verdict },
  raw: lines.map(({ raw }) => raw),
});

type Found = Pick<Detected, 'anomalies' | 'settled'>;

/** Gives a detector records, so many at once; `between` may put another one in its place after each batch. */
async function run(
  lines: readonly IncomingRecord[],
  size: number,
  between: (detector: StreamDetector) => StreamDetector = (same) => same,
): Promise<Found> {
  let detector = build();
  const anomalies: Anomaly[] = [];
  const settled: Detected['settled'][number][] = [];
  for (let start = 0; start < lines.length; start += size) {
    const batch = lines.slice(start, start + size);
    const found = await detector.accept(batch, batch.at(-1)?.receivedAtMs ?? START_MS);
    anomalies.push(...found.anomalies);
    settled.push(...found.settled);
    detector = between(detector);
  }
  return { anomalies, settled };
}

describe('a session that grows', () => {
  const failure = 'disk sda1 is full, cannot write the page';
  const odd = records([...visits(0, 200), ...visit(200, [failure]), ...visits(201, 280)]);
  const line = odd.findIndex(({ value }) => new TextDecoder().decode(value).includes(failure));

  it('is told at the line that shows it, and again with all lines when it is complete', async () => {
    const detector = build();
    await detector.accept(odd.slice(0, line), START_MS + 210_000);
    const { anomalies } = await detector.accept(odd.slice(line, line + 1), START_MS + 210_000);
    expect(anomalies).toMatchObject([
      {
        windowKey: 's-200',
        state: 'open',
        early: { position: 2, pValue: anomalies[0]?.pValue },
        decidingChannel: 'novelty',
        missing: [],
        lines: [{ isAbnormal: false }, { isAbnormal: false }, { isAbnormal: true, isNovel: true }],
      },
    ]);
    const later = await detector.accept(odd.slice(line + 1), START_MS + 290_000);
    expect(later.anomalies).toMatchObject([
      { id: anomalies[0]?.id, state: 'closed', early: anomalies[0]?.early, lines: { length: 5 } },
    ]);
    expect(later.settled).toEqual([]);
  });

  it('is told the same, whatever batches its lines come in', async () => {
    const [alone, together] = [await run(odd, 1), await run(odd, odd.length)];
    expect(alone.anomalies.map(told)).toEqual(together.anomalies.map(told));
    expect(alone.anomalies.map(({ state }) => state)).toEqual(['open', 'closed']);
  });

  it('is told nothing twice when the detector is restarted after any line', async () => {
    const undisturbed = await run(odd, 1);
    let state = '';
    const disturbed = await run(odd, 1, (detector) => {
      const successor = build();
      state = JSON.stringify(detector.snapshot());
      successor.resume(JSON.parse(state) as StreamDetectorState, 0);
      return successor;
    });
    expect(disturbed.anomalies.map(told)).toEqual(undisturbed.anomalies.map(told));
    expect(state).toContain('"growing":[]');
  }, 60_000);

  it('leaves what is known of windows the same, whatever batches its lines come in', async () => {
    const [alone, together] = [build(), build()];
    for (const record of odd) await alone.accept([record], record.receivedAtMs);
    await together.accept(odd, START_MS + 290_000);
    expect(alone.snapshot().watch?.untrained).toEqual(together.snapshot().watch?.untrained);
    expect(alone.snapshot().growing).toEqual([]);
  }, 20_000);

  it('is told when it is complete if it shows what three open ones have shown', async () => {
    const lines = records([...visits(0, 200), ...visits(200, 206, [failure]), ...visits(206, 280)]);
    const { anomalies } = await run(lines, 1);
    const open = anomalies.filter(({ state }) => state === 'open');
    expect(open.map(({ windowKey }) => windowKey)).toEqual(['s-200', 's-201', 's-202']);
    expect(new Set(anomalies.map(({ id }) => id)).size).toBe(anomalies.length - open.length);
  }, 20_000);

  it('is taken back when it is complete and many others have shown the same meanwhile', async () => {
    const change = 'page taken from the new store';
    const early = visit(300, [change]);
    // Goes on for so long that the others are complete before it.
    const waits = Array.from({ length: 5 }, (_, step) => ({
      atMs: START_MS + 315_000 + step * 50_000,
      session: 's-300',
      message: 'page rendered',
    }));
    const lines = [...visits(0, 300), ...early, ...waits, ...visits(301, 700, [change])];
    const { anomalies, settled } = await run(records(lines), 1);
    const [first] = anomalies;
    expect(first).toMatchObject({ windowKey: 's-300', state: 'open' });
    expect(settled).toContainEqual(
      expect.objectContaining({ anomalyId: first?.id, outcome: 'retracted' }),
    );
  });
});
