import { streamSettingsSchema } from '@logbert/contracts';
import { readLines } from '../reading/read-lines';
import { Options, UsageError } from '../reporting/options';
import { reportHead, writeReport } from '../reporting/report';
import { formatTable } from '../reporting/table';
import { FIGURE_HEADS, figureCells, FigureLog } from './figure-log';
import { KAFKA_OPTIONS, KafkaSite } from './kafka-site';
import { speed } from './measure';
import { type KeyedLine, RepeatedLog } from './repeated-log';

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
  'train-lines': { value: 'N', help: 'lines the model is trained on', fallback: '30000' },
  ...KAFKA_OPTIONS,
} as const;

const LINES_AT_ONCE = 2_000;

/**
 * How many lines a second go through a real Kafka to decisions, producer, server and broker on this machine. Lines are sent as
 * JSON, keyed by session, the file over and over if there are to be more of them.
 */
export async function benchKafka(argv: readonly string[]): Promise<void> {
  const options = Options.parse('bench kafka', OPTIONS, argv);
  const head = reportHead('bench kafka', argv);
  const pattern = options.text('format');
  const sessionKey = options.text('session-key');
  const settings = streamSettingsSchema.parse({
    format: pattern === undefined ? { kind: 'auto' } : { kind: 'text', pattern },
    ...(sessionKey === undefined ? {} : { sessionKey: { fields: [], pattern: sessionKey } }),
  });
  const texts = await load(options.required('log'));
  const log = new RepeatedLog(texts, settings);

  const trainLines = Math.min(log.size, options.number('train-lines', 100, 1e9) ?? log.size);
  await using site = await KafkaSite.open(
    {
      brokers: options.required('brokers').split(','),
      workers: options.required('workers'),
      precision: options.required('precision'),
      epochs: options.number('epochs', 1, 500) ?? 3,
      settings,
      trainingLines: [...log.lines(trainLines)].map(({ value }) => value),
    },
    (step) => console.error(step),
  );
  const lines = options.number('lines', 1, 1e9) ?? log.size;
  const figures = new FigureLog(site);
  const startedAtMs = performance.now();
  let producedMs = 0;
  const producing = async () => {
    let some: KeyedLine[] = [];
    for (const line of log.lines(lines)) {
      some.push(line);
      if (some.length < LINES_AT_ONCE) continue;
      await site.send(some);
      some = [];
    }
    if (some.length > 0) await site.send(some);
    producedMs = performance.now() - startedAtMs;
  };
  await Promise.all([producing(), figures.untilProcessed(lines)]);

  const summary = figures.summary(startedAtMs);
  const linesPerSecond = lines / summary.seconds;
  const producedPerSecond = lines / (producedMs / 1_000);
  console.log(
    formatTable(
      ['through Kafka', 'lines/s', 'produced/s', ...FIGURE_HEADS],
      [
        [
          `${lines} lines`,
          speed(linesPerSecond),
          speed(producedPerSecond),
          ...figureCells(summary),
        ],
      ],
    ),
  );
  const file = options.text('json');
  if (file === undefined) return;
  writeReport(file, { ...head, lines, ours: { linesPerSecond, producedPerSecond, ...summary } });
}

async function load(file: string): Promise<readonly string[]> {
  const texts: string[] = [];
  for await (const text of readLines(file)) if (text !== '') texts.push(text);
  if (texts.length === 0) throw new UsageError(`${file}: there is no line in it`);
  return texts;
}
