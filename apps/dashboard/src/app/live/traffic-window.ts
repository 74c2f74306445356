import type { AnomalyHead, Throughput } from '@logbert/contracts';

/** How far back the live charts look. */
export const TRAFFIC_WINDOW_MS = 10 * 60_000;
const MOST_ANOMALIES = 500;

type ByStream<Item> = ReadonlyMap<string, readonly Item[]>;

/** Adds a sample to its stream and forgets those that have left the window. */
export function withSample(known: ByStream<Throughput>, sample: Throughput): ByStream<Throughput> {
  const kept = (known.get(sample.stream) ?? []).filter(
    ({ at }) => at > sample.at - TRAFFIC_WINDOW_MS && at < sample.at,
  );
  return new Map(known).set(sample.stream, [...kept, sample]);
}

/** Adds what the server remembers of a stream to what has been told since: one sample an instant, oldest first. */
export function withHistory(
  known: ByStream<Throughput>,
  stream: string,
  history: readonly Throughput[],
): ByStream<Throughput> {
  const told = known.get(stream) ?? [];
  const byTime = new Map([...history, ...told].map((sample) => [sample.at, sample]));
  const merged = [...byTime.values()].sort((a, b) => a.at - b.at);
  const from = (merged.at(-1)?.at ?? 0) - TRAFFIC_WINDOW_MS;
  return new Map(known).set(
    stream,
    merged.filter(({ at }) => at > from),
  );
}

/** Adds an anomaly to its stream, or takes the place of what was known of it. */
export function withAnomaly(
  known: ByStream<AnomalyHead>,
  anomaly: AnomalyHead,
): ByStream<AnomalyHead> {
  const others = (known.get(anomaly.stream) ?? []).filter(({ id }) => id !== anomaly.id);
  const next = [...others, anomaly].sort((a, b) => a.lastAt - b.lastAt).slice(-MOST_ANOMALIES);
  return new Map(known).set(anomaly.stream, next);
}

/** Brings an anomaly up to date; one that is not known is too old to be shown. */
export function withVerdict(
  known: ByStream<AnomalyHead>,
  anomaly: AnomalyHead,
): ByStream<AnomalyHead> {
  const isKnown = known.get(anomaly.stream)?.some(({ id }) => id === anomaly.id) ?? false;
  return isKnown ? withAnomaly(known, anomaly) : known;
}

/** Evidence of an anomaly: −log10 of its p-value, held to 12 so that zero stays drawable. */
export function evidenceOf(pValue: number): number {
  return Math.min(12, -Math.log10(Math.max(pValue, 1e-12)));
}

const SMOOTHED_MS = 10_000;

/**
 * The samples with lines and windows as means of the ten seconds before: lines come in batches.
 *
 * Of a silent stream the server tells nothing: where ten seconds are missing, the rates are zero in between.
 */
export function smooth(samples: readonly Throughput[]): readonly Throughput[] {
  const told = withSilence(samples);
  let first = 0;
  let lines = 0;
  let windows = 0;
  return told.map((sample, index) => {
    lines += sample.linesPerSecond;
    windows += sample.windowsPerSecond;
    for (let old = told[first]; old && old.at <= sample.at - SMOOTHED_MS; old = told[first]) {
      lines -= old.linesPerSecond;
      windows -= old.windowsPerSecond;
      first++;
    }
    const count = index - first + 1;
    return {
      ...sample,
      linesPerSecond: Math.max(0, lines / count),
      windowsPerSecond: Math.max(0, windows / count),
    };
  });
}

function withSilence(samples: readonly Throughput[]): readonly Throughput[] {
  return samples.flatMap((sample, index) => {
    const next = samples[index + 1];
    if (next === undefined || next.at - sample.at <= SMOOTHED_MS) return [sample];
    return [sample, silenceAt(sample, sample.at + SMOOTHED_MS), silenceAt(sample, next.at - 1)];
  });
}

function silenceAt(sample: Throughput, at: number): Throughput {
  return { ...sample, at, linesPerSecond: 0, windowsPerSecond: 0, anomalies: 0 };
}

/** The rates of the present, undefined before the first sample; zero once the last is ten seconds old. */
export function presentOf(samples: readonly Throughput[], nowMs: number): Throughput | undefined {
  const last = smooth(samples).at(-1);
  return last && nowMs - last.at > SMOOTHED_MS ? silenceAt(last, nowMs) : last;
}

const RECENT_MS = 60_000;
const HEADROOM = 4;

/**
 * Where a rate axis may end, or undefined for the data's own end.
 *
 * A burst, such as a backfill, would press the ordinary rates to the floor for as long as it is in view:
 * what is more than four times the last minute's most runs out of the picture.
 */
export function ceilingOf(samples: readonly Throughput[]): number | undefined {
  const last = samples.at(-1);
  if (last === undefined) return undefined;
  const rates = (since: number) =>
    samples.filter(({ at }) => at > since).map(({ linesPerSecond }) => linesPerSecond);
  const recent = Math.max(...rates(last.at - RECENT_MS));
  return recent > 0 && Math.max(...rates(-Infinity)) > recent * HEADROOM
    ? recent * HEADROOM
    : undefined;
}
