import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROUTES, streamSettingsSchema } from '@logbert/contracts';
import { ServerClient } from '../demo/server-client';
import { Options } from '../reporting/options';
import { reportHead, writeReport } from '../reporting/report';
import { formatTable } from '../reporting/table';
import { ServerProcess } from './chaos/server-process';
import { followAnomalies, quantile, type ToldAnomaly } from './event-delays';
import { FIGURE_HEADS, figureCells, FigureLog, milliseconds } from './figure-log';
import { FloodSenders } from './flood-senders';
import { GeneratedMessages } from './generated-messages';
import { speed } from './measure';
import { MeasurementFailure } from './measurement-failure';
import { readFigures } from './server-figures';
import { untilTrained } from './until-trained';

const OPTIONS = {
  seconds: { value: 'N', help: 'how long the flood lasts', fallback: '300' },
  'calm-seconds': { value: 'N', help: 'how long there is none before it', fallback: '60' },
  connections: { value: 'N', help: 'of the flood', fallback: '16' },
  'calm-rate': { value: 'N', help: 'lines a second of the other stream', fallback: '200' },
  'spool-bytes': { value: 'N', help: 'bound of the spool', fallback: '536870912' },
  json: { value: 'FILE', help: 'writes the result for programs, too' },
} as const;

const [CALM, FLOOD] = ['calm', 'flood'];
const TEMPLATES = 60;
const TRAINING_LINES = 30_000;
const LINES_AT_ONCE = 2_000;
const SEND_EVERY_MS = 50;
const PLANTED_EVERY_MS = 500;
const FAULT_LINES = 4;
const LAST_EVENTS_MS = 5_000;

/**
 * What a flood over HTTP does: one stream is sent far more than can be detected, by senders that do not do as they are asked,
 * while another one is sent a little. Tells how long faults of the other take to come to a browser before and during the
 * flood, what was refused and how, and whether all that was accepted was processed in the end.
 */
export async function benchFlood(argv: readonly string[]): Promise<void> {
  const options = Options.parse('bench flood', OPTIONS, argv);
  const head = reportHead('bench flood', argv);
  const floodMs = 1_000 * (options.number('seconds', 1, 86_400) ?? 300);
  const calmMs = 1_000 * (options.number('calm-seconds', 1, 86_400) ?? 60);
  const connections = options.number('connections', 1, 1_000) ?? 16;
  const rate = options.number('calm-rate', 1, 100_000) ?? 200;
  const spoolBytes = options.number('spool-bytes', 1_048_576, 1e12) ?? 536_870_912;

  const folder = await mkdtemp(join(tmpdir(), 'logbert-flood-'));
  try {
    await using server = await startServer(folder, spoolBytes);
    const messages = new GeneratedMessages(TEMPLATES, 1);
    console.error('training two streams');
    await train(server.url, folder, messages);

    const told: ToldAnomaly[] = [];
    const abort = new AbortController();
    const following = followAnomalies(
      `${server.url}${ROUTES.events}`,
      abort.signal,
      (anomaly) => void told.push(anomaly),
    );
    const calm = sendCalmly(server.url, messages, rate, abort.signal);
    await sleep(calmMs);

    console.error('flooding');
    const log = new FigureLog({ figures: () => readFigures(server.url, FLOOD) });
    const senders = new FloodSenders(server.url, FLOOD, LINES_AT_ONCE, (count) =>
      messages.draw(count, true).map((message) => lineOf(message)),
    );
    const floodedFrom = Date.now();
    const startedAtMs = performance.now();
    senders.start(connections);
    const watching = log.during(floodMs);
    await sleep(floodMs);
    await senders.stop();
    await watching;
    const floodedTo = Date.now();
    const summary = log.summary(startedAtMs);
    const flooded = await readFigures(server.url, FLOOD);

    console.error('letting it catch up');
    const { tally } = senders;
    await new FigureLog({ figures: () => readFigures(server.url, FLOOD) }).untilProcessed(
      tally.acceptedLines,
    );
    await sleep(LAST_EVENTS_MS);
    abort.abort();
    await Promise.all([calm, following]);
    const { processedLines } = await readFigures(server.url, FLOOD);

    const delays = (from: number, to: number) =>
      told
        .filter(({ stream, firstAt }) => stream === CALM && firstAt >= from && firstAt < to)
        .map(({ seconds }) => seconds);
    const [before, during] = [delays(0, floodedFrom), delays(floodedFrom, floodedTo)];
    if (before.length === 0 || during.length === 0)
      throw new MeasurementFailure('no fault of the calm stream was told');
    const capacity = flooded.processedLines / summary.seconds;
    const offered = (tally.acceptedLines + tally.refusedLines) / summary.seconds;
    const answers = [...tally.answers].map(([status, count]) => `${count} × ${status || 'none'}`);
    const rows = [
      ['offered', `${speed(offered)} lines/s, ${(offered / capacity).toFixed(1)} × processed`],
      ['accepted', `${tally.acceptedLines} lines, processed ${processedLines}`],
      ['answers', `${answers.join(', ')}; without Retry-After ${tally.withoutRetryAfter}`],
      ['calm before', delayCell(before)],
      ['calm during', delayCell(during)],
      ...FIGURE_HEADS.map((name, place) => [name, figureCells(summary)[place] ?? '']),
    ];
    console.log(formatTable(['flood', ''], rows));
    const file = options.text('json');
    if (file === undefined) return;
    writeReport(file, {
      ...head,
      ours: {
        offeredLinesPerSecond: offered,
        processedLinesPerSecond: capacity,
        acceptedLines: tally.acceptedLines,
        processedLines,
        answers: Object.fromEntries(tally.answers),
        withoutRetryAfter: tally.withoutRetryAfter,
        calmBefore: delaysOf(before),
        calmDuring: delaysOf(during),
        ...summary,
      },
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function startServer(folder: string, spoolBytes: number): Promise<ServerProcess> {
  return ServerProcess.start({
    dataDirectory: join(folder, 'data'),
    settings: {
      LOGBERT__LOG__LEVEL: 'warn',
      LOGBERT__LOGSTREAM__SPOOL__MAXBYTES: String(spoolBytes),
    },
    logFile: join(folder, 'server.log'),
  });
}

async function train(url: string, folder: string, messages: GeneratedMessages): Promise<void> {
  const client = new ServerClient(url, undefined, new AbortController().signal);
  const imports = join(folder, 'data/imports');
  await mkdir(imports, { recursive: true });
  const fromMs = Date.now() - TRAINING_LINES;
  const lines = messages
    .draw(TRAINING_LINES, true)
    .map((message, place) => lineOf(message, fromMs + place));
  await writeFile(join(imports, 'flood.log'), lines.join('\n'));
  for (const stream of [CALM, FLOOD]) {
    await client.configureStream(
      stream,
      streamSettingsSchema.parse({ window: { kind: 'sliding' }, format: { kind: 'json' } }),
    );
    const source = { kind: 'file', path: 'flood.log' } as const;
    const { id } = await client.train({ stream, source, options: { epochs: 3 } });
    await untilTrained(client, id);
  }
}

/** A few lines a second with a fault now and then, each with the time that it is sent at. */
async function sendCalmly(
  url: string,
  messages: GeneratedMessages,
  rate: number,
  signal: AbortSignal,
): Promise<void> {
  const client = new ServerClient(url, undefined, signal);
  const [startedAt, startedAtMs] = [Date.now(), performance.now()];
  let plantedAtMs = startedAtMs;
  for (let sent = 0; !signal.aborted;) {
    const due = Math.floor(((performance.now() - startedAtMs) * rate) / 1_000);
    // As old as they are due, so that waiting for the answer before counts.
    const dueAt = (place: number) => startedAt + Math.floor(((sent + place) * 1_000) / rate);
    const drawn = messages.draw(due - sent, true);
    const isFault = performance.now() - plantedAtMs >= PLANTED_EVERY_MS && drawn.length > 0;
    if (isFault) plantedAtMs = performance.now();
    const lines = drawn.map((message, place) => {
      const isOdd = isFault && place < FAULT_LINES;
      const text = isOdd ? `unheard of: step ${place} of a breakdown never met` : message;
      return lineOf(text, dueAt(place));
    });
    if (lines.length > 0) await client.sendLines(CALM, lines).catch(unlessOver);
    sent = due;
    await sleep(SEND_EVERY_MS, undefined, { signal }).catch(unlessOver);
  }

  function unlessOver(error: unknown): void {
    if (!signal.aborted) throw error;
  }
}

/** @param atMs left out, the line tells no time and counts from when it comes */
function lineOf(message: string, atMs?: number): string {
  const timestamp = atMs === undefined ? undefined : new Date(atMs).toISOString();
  return JSON.stringify({ timestamp, service: 'service', level: 'info', message });
}

function delaysOf(delays: readonly number[]) {
  return {
    events: delays.length,
    p50Seconds: quantile(delays, 0.5),
    p99Seconds: quantile(delays, 0.99),
  };
}

function delayCell(delays: readonly number[]): string {
  const { events, p50Seconds, p99Seconds } = delaysOf(delays);
  return `${events} faults told, p50 ${milliseconds(p50Seconds)}, p99 ${milliseconds(p99Seconds)}`;
}
