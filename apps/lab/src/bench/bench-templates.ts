import { seededRandom } from '@logbert/pipeline';
import { TemplateMiner } from '@logbert/template-mining';
import { readLines } from '../reading/read-lines';
import { Options, UsageError } from '../reporting/options';
import { reportHead, writeReport } from '../reporting/report';
import { formatTable } from '../reporting/table';
import { measure, mebibytes, medianOf, type Measurement, speed } from './measure';

const OPTIONS = {
  log: { value: 'FILE', help: 'messages, one a line, .gz or not', isRequired: true },
  lines: {
    value: 'N',
    help: 'lines in one run; digits vary from line to line',
    fallback: '400000',
  },
  runs: { value: 'N', help: 'runs; the median is reported', fallback: '3' },
  json: { value: 'FILE', help: 'writes the result for programs, too' },
} as const;

/** How many messages a second one core learns, and matches against the frozen tree. */
export async function benchTemplates(argv: readonly string[]): Promise<void> {
  const options = Options.parse('bench templates', OPTIONS, argv);
  const head = reportHead('bench templates', argv);
  const lines = options.number('lines', 1, 1e8) ?? 0;
  const messages = await varied(options.required('log'), lines);

  const learning: Measurement[] = [];
  const matching: Measurement[] = [];
  for (let run = 0; run < (options.number('runs', 1, 100) ?? 1); run++) {
    const miner = new TemplateMiner();
    learning.push(await measure(lines, () => messages.forEach((message) => miner.learn(message))));
    matching.push(await measure(lines, () => messages.forEach((message) => miner.match(message))));
  }
  const figures = { learn: medianOf(learning), match: medianOf(matching) };
  console.log(
    formatTable(
      ['messages', 'lines/s', 'memory'],
      Object.entries(figures).map(([name, { linesPerSecond, memoryBytes }]) => [
        name,
        speed(linesPerSecond),
        mebibytes(memoryBytes),
      ]),
    ),
  );
  const file = options.text('json');
  if (file !== undefined) writeReport(file, { ...head, ours: figures });
}

/** The file's lines, repeated, with every run of two or more digits drawn anew. */
async function varied(file: string, lines: number): Promise<readonly string[]> {
  const originals: string[] = [];
  for await (const line of readLines(file)) if (line !== '') originals.push(line);
  if (originals.length === 0) throw new UsageError(`${file}: there is no line in it`);
  const random = seededRandom(1);
  const redraw = (digits: string): string =>
    Array.from(digits, () => Math.floor(random() * 10)).join('');
  return Array.from({ length: lines }, (_, index) =>
    (originals[index % originals.length] ?? '').replace(/\d{2,}/g, redraw),
  );
}
