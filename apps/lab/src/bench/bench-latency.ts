import { setTimeout as sleep } from 'node:timers/promises';
import { ROUTES, streamSettingsSchema } from '@logbert/contracts';
import { Options } from '../reporting/options';
import { reportHead, writeReport } from '../reporting/report';
import { formatTable } from '../reporting/table';
import { followAnomalies, quantile, type ToldAnomaly } from './event-delays';
import { FIGURE_HEADS, figureCells, FigureLog, milliseconds } from './figure-log';
import { GeneratedMessages } from './generated-messages';
import { KAFKA_OPTIONS, KafkaSite } from './kafka-site';
import { speed } from './measure';
import { MeasurementFailure } from './measurement-failure';

const OPTIONS = {
  rate: { value: 'N', help: 'lines a second', fallback: '5000' },
  seconds: { value: 'N', help: 'how long lines are sent, after the warm-up', fallback: '60' },
  'warm-up': {
    value: 'N',
    help: 'seconds of lines before, in which a new server compiles what it runs; told apart',
    fallback: '10',
  },
  training: { help: 'trains the stream over and over from the end of the warm-up on' },
  'planted-every': { value: 'MS', help: 'time from one fault to the next', fallback: '500' },
  ...KAFKA_OPTIONS,
} as const;

const TEMPLATES = 60;
const SERVICES = 4;
const TRAINING_LINES = 30_000;
const PRODUCE_EVERY_MS = 20;
const FAULT_LINES = 4;
const LAST_EVENTS_MS = 5_000;
/** So many that training goes on for as long as it learns anything. */
const LONG_EPOCHS = 500;

/**
 * How long it takes from a line to the event that a browser gets of it: sliding windows of generated lines, with the time
 * that they are produced at, and faults of lines never seen. With `training` a training goes on beside it.
 */
export async function benchLatency(argv: readonly string[]): Promise<void> {
  const options = Options.parse('bench latency', OPTIONS, argv);
  const head = reportHead('bench latency', argv);
  const rate = options.number('rate', 100, 1e6) ?? 5_000;
  const seconds = options.number('seconds', 1, 86_400) ?? 60;
  const warmUp = options.number('warm-up', 0, 3_600) ?? 10;
  const plantedEveryMs = options.number('planted-every', 50, 60_000) ?? 500;
  const messages = new GeneratedMessages(TEMPLATES, 1);
  const trainedAt = Date.now() - TRAINING_LINES;
  const trainingLines = messages
    .draw(TRAINING_LINES, true)
    .map((message, place) => lineOf(message, place, trainedAt + place));

  await using site = await KafkaSite.open(
    {
      brokers: options.required('brokers').split(','),
      workers: options.required('workers'),
      precision: options.required('precision'),
      epochs: options.number('epochs', 1, 500) ?? 3,
      settings: streamSettingsSchema.parse({ window: { kind: 'sliding' } }),
      trainingLines,
    },
    (step) => console.error(step),
  );
  const anomalies: ToldAnomaly[] = [];
  const abort = new AbortController();
  const listening = followAnomalies(`${site.url}${ROUTES.events}`, abort.signal, (anomaly) =>
    anomalies.push(anomaly),
  );
  const log = new FigureLog(site);
  const startedAtMs = performance.now();
  const warmAt = Date.now() + warmUp * 1_000;
  const total = rate * (warmUp + seconds);
  const producing = async () => {
    let plantedAtMs = startedAtMs;
    for (let sent = 0; sent < total;) {
      const due = Math.min(total, Math.floor(((performance.now() - startedAtMs) * rate) / 1_000));
      const now = Date.now();
      const drawn = messages.draw(due - sent, true);
      const isFault = performance.now() - plantedAtMs >= plantedEveryMs && drawn.length > 0;
      if (isFault) plantedAtMs = performance.now();
      const lines = drawn.map((message, place) => {
        const isOdd = isFault && place < FAULT_LINES;
        const service = isOdd ? 0 : sent + place;
        const text = isOdd ? `unheard of: step ${place} of a breakdown never met` : message;
        return { key: `service-${service % SERVICES}`, value: lineOf(text, service, now) };
      });
      if (lines.length > 0) await site.send(lines);
      sent = due;
      await sleep(PRODUCE_EVERY_MS);
    }
  };
  let isOver = false;
  const training = async () => {
    await sleep(warmUp * 1_000);
    while (!isOver) await site.trainAgain(LONG_EPOCHS, () => isOver);
  };
  const measuring = Promise.all([producing(), log.untilProcessed(total)]).finally(
    () => (isOver = true),
  );
  await Promise.all([measuring, ...(options.has('training') ? [training()] : [])]);
  await sleep(LAST_EVENTS_MS);
  abort.abort();
  await listening;

  const warm = anomalies.filter(({ firstAt }) => firstAt >= warmAt);
  if (warm.length === 0) throw new MeasurementFailure('no anomaly was told');
  const summary = log.summary(startedAtMs);
  const delaysOf = (told: readonly ToldAnomaly[]) => {
    const delays = told.map((anomaly) => anomaly.seconds);
    const [p50Seconds, p99Seconds] = [quantile(delays, 0.5), quantile(delays, 0.99)];
    return { events: delays.length, p50Seconds, p99Seconds };
  };
  const [measured, withWarmUp] = [delaysOf(warm), delaysOf(anomalies)];
  console.log(
    formatTable(
      ['line to event', 'events', 'p50', 'p99', 'p99 with warm-up', ...FIGURE_HEADS],
      [
        [
          `${speed(total / summary.seconds)} lines/s`,
          String(measured.events),
          milliseconds(measured.p50Seconds),
          milliseconds(measured.p99Seconds),
          milliseconds(withWarmUp.p99Seconds),
          ...figureCells(summary),
        ],
      ],
    ),
  );
  const file = options.text('json');
  if (file === undefined) return;
  const linesPerSecond = total / summary.seconds;
  writeReport(file, { ...head, ours: { linesPerSecond, ...measured, withWarmUp, ...summary } });
}

function lineOf(message: string, place: number, atMs: number): string {
  const timestamp = new Date(atMs).toISOString();
  return JSON.stringify({
    timestamp,
    service: `service-${place % SERVICES}`,
    level: 'info',
    message,
  });
}
