import { configurationSchema, streamSettingsSchema } from '@logbert/contracts';
import { readLines } from '../reading/read-lines';
import { Options, UsageError } from '../reporting/options';
import { reportHead, writeReport } from '../reporting/report';
import { formatTable } from '../reporting/table';
import { FIGURE_HEADS, figureCells, FigureLog } from './figure-log';
import { KAFKA_OPTIONS, KafkaSite, PARTITIONS } from './kafka-site';
import { speed } from './measure';
import { findPeersPython, PYTHON_PIPELINE } from './peers';
import { type KeyedLine, RepeatedLog } from './repeated-log';
import { TopicPeers } from './topic-peers';

const OPTIONS = {
  log: { value: 'FILE', help: 'raw lines, .gz or not', isRequired: true },
  'session-key': {
    value: 'REGEX',
    help: 'finds the session key in a message, and keys the records',
  },
  format: { value: 'PATTERN', help: 'header of a line' },
  lines: {
    value: 'N',
    help: 'lines sent, the file over and over; left out, once',
  },
  'log-times': {
    help: 'lines tell the times of the log, as in a backlog, and not the present',
  },
  backlog: {
    help: 'all lines are in Kafka before the server starts: what is measured is how it catches up',
  },
  peers: {
    help: 'with --backlog: drain3 and PyTorch read the same topic, before ours and after it',
  },
  python: {
    value: 'PATH',
    help: 'a Python with torch, drain3 and confluent_kafka (or LOGBERT_PEERS_PYTHON)',
  },
  'train-lines': { value: 'N', help: 'lines the model is trained on', fallback: '30000' },
  ...KAFKA_OPTIONS,
  // As with the configuration of a cluster (config/cluster.yaml).
  workers: { ...KAFKA_OPTIONS.workers, fallback: '2' },
} as const;

const LINES_AT_ONCE = 2_000;
const TELL_EVERY_LINES = 1_000_000;
/** Pace of the lines that the model is trained on where times are the present. */
const TRAINING_LINES_PER_MS = 10;
/** Silence that ends a session where times are the present: thousands of others' lines. */
const LIVE_IDLE_MS = 1_000;

/**
 * How many lines a second go through a real Kafka to decisions, producer, server and broker on this machine. Lines are sent as
 * JSON, keyed by session, the file over and over if there are to be more of them, and tell the present time, as of services that
 * write so much: with the times of a log that took days a second's lines would be a day's. The producer takes a good part of the
 * machine; without it, with `backlog`, it is the server and the broker alone that are measured: from the server's start
 * on, and at its steady pace once it has begun. The Python program is measured from when it has its templates and network on.
 */
export async function benchKafka(argv: readonly string[]): Promise<void> {
  const options = Options.parse('bench kafka', OPTIONS, argv);
  const head = reportHead('bench kafka', argv);
  const say = (step: string) => console.error(step);
  const pattern = options.text('format');
  const sessionKey = options.text('session-key');
  const isLive = !options.has('log-times');
  const settings = streamSettingsSchema.parse({
    ...(isLive ? { window: { kind: 'session', idleMs: LIVE_IDLE_MS } } : {}),
    format: pattern === undefined ? { kind: 'auto' } : { kind: 'text', pattern },
    ...(sessionKey === undefined ? {} : { sessionKey: { fields: [], pattern: sessionKey } }),
  });
  if (options.has('peers') && !options.has('backlog')) {
    throw new UsageError('--peers compares how a backlog is caught up with: give --backlog, too');
  }
  const python = options.has('peers')
    ? await findPeersPython(options.text('python'), say, PYTHON_PIPELINE)
    : undefined;
  const texts = await load(options.required('log'));
  const log = new RepeatedLog(texts, settings);

  const trainLines = Math.min(log.size, options.number('train-lines', 100, 1e9) ?? log.size);
  const brokers = options.required('brokers').split(',');
  const openedAt = Date.now();
  await using site = await KafkaSite.open(
    {
      brokers,
      workers: options.required('workers'),
      precision: options.required('precision'),
      epochs: options.number('epochs', 1, 500) ?? 3,
      settings,
      trainingLines: Array.from(
        log.lines(
          trainLines,
          isLive ? (line) => openedAt + line / TRAINING_LINES_PER_MS : undefined,
        ),
        ({ value }) => value,
      ),
    },
    say,
  );
  const lines = options.number('lines', 1, 1e9) ?? log.size;
  const figures = new FigureLog(site);
  let startedAtMs = performance.now();
  let producedMs = 0;
  const producing = async () => {
    let some: KeyedLine[] = [];
    let sent = 0;
    for (const line of log.lines(lines, isLive ? Date.now : undefined)) {
      some.push(line);
      if (some.length < LINES_AT_ONCE) continue;
      await site.send(some);
      sent += some.length;
      if (sent % TELL_EVERY_LINES === 0) say(`${speed(sent)} of ${speed(lines)} lines produced`);
      some = [];
    }
    if (some.length > 0) await site.send(some);
    producedMs = performance.now() - startedAtMs;
  };
  const { topic } = site;
  const peers =
    python === undefined
      ? undefined
      : new TopicPeers(python, {
          ...{ brokers, topic, partitions: PARTITIONS, trainLines, settings },
          configuration: configurationSchema.parse({}),
        });
  if (options.has('backlog')) {
    startedAtMs = await site.restartAfter(async () => {
      await producing();
      await peers?.run(say);
    });
    await figures.untilProcessed(lines, say);
  } else await Promise.all([producing(), figures.untilProcessed(lines, say)]);

  const summary = figures.summary(startedAtMs);
  if (peers) {
    await site.stop();
    await peers.run(say);
  }
  const linesPerSecond = lines / summary.seconds;
  const producedPerSecond = lines / (producedMs / 1_000);
  console.log(
    formatTable(
      ['through Kafka', 'lines/s', 'steady lines/s', 'produced/s', ...FIGURE_HEADS],
      [
        [
          `${lines} lines`,
          speed(linesPerSecond),
          speed(figures.steadyLinesPerSecond),
          speed(producedPerSecond),
          ...figureCells(summary),
        ],
      ],
    ),
  );
  const { steadyLinesPerSecond } = figures;
  const compared = (peers?.speeds ?? []).map((peer) => ({
    ...peer,
    ratio: steadyLinesPerSecond / peer.linesPerSecond,
  }));
  if (peers) {
    console.log(
      formatTable(
        ['the same topic', 'lines/s', 'steady lines/s to it'],
        compared.map(({ title, linesPerSecond, ratio }) => [
          title,
          speed(linesPerSecond),
          ratio.toFixed(2),
        ]),
      ),
    );
  }
  const file = options.text('json');
  if (file === undefined) return;
  const paces = { linesPerSecond, steadyLinesPerSecond, producedPerSecond };
  const ours = { ...paces, ...summary };
  writeReport(file, { ...head, lines, ours, ...(peers ? { peers: compared } : {}) });
}

async function load(file: string): Promise<readonly string[]> {
  const texts: string[] = [];
  for await (const text of readLines(file)) if (text !== '') texts.push(text);
  if (texts.length === 0) throw new UsageError(`${file}: there is no line in it`);
  return texts;
}
