import { type Anomaly, configurationSchema, DEMO_FAULTS, DEMO_STREAM } from '@logbert/contracts';
import { openGraph } from '@logbert/graph-runner';
import { type LoadedBundle, loadBundle, StreamDetector, trainStream } from '@logbert/pipeline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SHOP_SETTINGS } from './demo-shop';
import { SHOP_FAULTS } from './shop-faults';
import { type ShopLine, ShopTraffic } from './shop-traffic';

const START_MS = Date.UTC(2026, 0, 5, 8);
const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const BACKFILL_MS = 12 * MINUTE_MS;
const CONFIGURATION = configurationSchema.parse({});

let bundle: LoadedBundle;

/** Judges what a shop writes, second by second, as the server does. */
async function judge(
  traffic: ShopTraffic,
  detector: StreamDetector,
  fromMs: number,
  toMs: number,
): Promise<{ windows: number; anomalies: Anomaly[] }> {
  const anomalies: Anomaly[] = [];
  let windows = 0;
  for (let nowMs = fromMs + SECOND_MS; nowMs <= toMs; nowMs += SECOND_MS) {
    for (const detected of [
      await detector.accept(traffic.until(nowMs).map(recordOf), nowMs),
      await detector.closeIdle(nowMs),
    ]) {
      windows += detected.windows;
      anomalies.push(...detected.anomalies);
    }
  }
  return { windows, anomalies };
}

function recordOf({ atMs, text }: ShopLine) {
  return { offset: atMs, value: new TextEncoder().encode(text), receivedAtMs: atMs };
}

function newDetector(): StreamDetector {
  return new StreamDetector({
    stream: DEMO_STREAM,
    settings: SHOP_SETTINGS,
    detection: CONFIGURATION.detection,
    bundle,
  });
}

beforeAll(async () => {
  const lines = new ShopTraffic({ seed: 1, startMs: START_MS }).until(START_MS + BACKFILL_MS);
  const { files } = await trainStream({
    records: async function* () {
      yield* lines.map(recordOf);
    },
    settings: SHOP_SETTINGS,
    training: CONFIGURATION.training,
    detection: CONFIGURATION.detection,
    openGraph,
    now: () => performance.now(),
  });
  bundle = await loadBundle('shop', files, openGraph, CONFIGURATION.detection);
});

afterAll(() => bundle.close());

describe('a model trained on twelve minutes of the shop', () => {
  it('leaves the next half hour alone', async () => {
    const traffic = new ShopTraffic({ seed: 2, startMs: START_MS });
    const { windows, anomalies } = await judge(
      traffic,
      newDetector(),
      START_MS,
      START_MS + 30 * MINUTE_MS,
    );
    expect(anomalies.length / windows).toBeLessThan(2 * SHOP_SETTINGS.alertBudget);
  });

  it.each(DEMO_FAULTS)('notices %s', async (fault) => {
    const traffic = new ShopTraffic({ seed: 3, startMs: START_MS });
    const detector = newDetector();
    await judge(traffic, detector, START_MS, START_MS + MINUTE_MS);
    traffic.begin(fault);
    const beginMs = START_MS + MINUTE_MS;
    const { anomalies } = await judge(traffic, detector, beginMs, beginMs + 15 * SECOND_MS);
    const evidence = anomalies.reduce((sum, { pValue }) => sum - Math.log10(pValue), 0);
    expect(evidence).toBeGreaterThan(CONFIGURATION.incidents.openAtEvidence);
    expect(anomalies.map(({ services }) => services[0])).toContain(SHOP_FAULTS[fault].service);
  });

  it('notices every fault when they come one after another, again and again', async () => {
    const traffic = new ShopTraffic({ seed: 5, startMs: START_MS });
    const detector = newDetector();
    let nowMs = START_MS;
    const evidenceIn = async (ms: number): Promise<number> => {
      const { anomalies } = await judge(traffic, detector, nowMs, nowMs + ms);
      nowMs += ms;
      return anomalies.reduce((sum, { pValue }) => sum - Math.log10(pValue), 0);
    };
    for (const fault of [...DEMO_FAULTS, ...DEMO_FAULTS]) {
      await evidenceIn(20 * SECOND_MS);
      traffic.begin(fault);
      const evidence = await evidenceIn(20 * SECOND_MS);
      traffic.end(fault);
      expect(evidence, fault).toBeGreaterThan(CONFIGURATION.incidents.openAtEvidence);
    }
  });
});
