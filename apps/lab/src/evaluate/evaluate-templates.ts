import { TemplateMiner } from '@logbert/template-mining';
import { meanFigures, type ParsingFigures } from '../measures/parsing';
import { Options, UsageError } from '../reporting/options';
import { reportHead, writeReport } from '../reporting/report';
import { formatTable, fraction } from '../reporting/table';
import { type ComparedFolder, compareWithDrain3 } from './compare-with-drain3';
import { OWN_SETTINGS } from './drain3-configurations';
import { ParsedSystem } from './parsed-system';
import { OWN_MODE, TEMPLATE_MODES } from './template-modes';
import { findSystems, readTrueLines, type TemplateSystem } from './template-systems';

const OPTIONS = {
  data: { value: 'DIR', help: 'a folder a system, with its *_structured.csv', isRequired: true },
  settings: { value: 'FILE', help: 'JSON: masks, similarity and depth of each system' },
  reference: { value: 'DIR', help: 'answers of drain3, a folder a configuration' },
  json: { value: 'FILE', help: 'writes the result for programs, too' },
} as const;

const MEAN = 'mean';
/** Of lines that fit no template in the end. */
const NO_CLUSTER = -1;

/** Figures by mode, then by system and the mean. */
type Figures = Record<string, Record<string, ParsingFigures>>;

/** Compares mined templates with the truth of each system and, where there is a reference, with drain3 line by line. */
export async function evaluateTemplates(argv: readonly string[]): Promise<void> {
  const options = Options.parse('evaluate templates', OPTIONS, argv);
  const head = reportHead('evaluate templates', argv);
  const systems = findSystems(options.required('data'), options.text('settings'));
  const notes = systems.flatMap(({ name, own }) =>
    own && 'problem' in own ? [`${name} has no settings of its own: ${own.problem}`] : [],
  );

  const figures: Figures = {};
  for (const system of systems) {
    const lines = await measureSystem(system, figures);
    if (lines === 0) notes.push(`${system.name}: no line in ${system.file}`);
  }
  if (Object.keys(figures).length === 0) throw new UsageError('there is no line to measure with');
  for (const [mode, bySystem] of Object.entries(figures)) {
    bySystem[MEAN] = meanFigures(Object.values(bySystem));
    console.log(`\n${mode}\n${figuresTable(bySystem)}`);
  }

  const directory = options.text('reference');
  const reference =
    directory === undefined
      ? undefined
      : await compareWithDrain3(systems, directory, (note) => notes.push(note));
  if (reference) tellReference(reference);
  if (notes.length > 0) console.log(`\n${notes.map((note) => `- ${note}`).join('\n')}`);

  const file = options.text('json');
  if (file === undefined) return;
  const differences =
    reference &&
    Object.fromEntries(Object.entries(reference).map(([name, one]) => [name, one.differences]));
  writeReport(file, { ...head, systems: figures, differences, reference, notes });
}

/** Has every mode learn the system's lines. @returns how many there were */
async function measureSystem(system: TemplateSystem, figures: Figures): Promise<number> {
  const runs = TEMPLATE_MODES.flatMap((mode) => {
    const settings = mode.settingsOf(system);
    return settings
      ? [{ mode, miner: new TemplateMiner(settings), parsed: new ParsedSystem() }]
      : [];
  });
  const regrouping = runs.filter(({ mode }) => mode.isRegrouping);
  let lines = 0;
  for await (const line of readTrueLines(system)) {
    lines++;
    for (const { mode, miner, parsed } of runs) {
      const { clusterId, template } = miner.learn(line.content);
      if (!mode.isRegrouping) parsed.add(line, clusterId, template);
    }
  }
  if (lines === 0) return 0;
  if (regrouping.length > 0) {
    for await (const line of readTrueLines(system)) {
      for (const { miner, parsed } of regrouping) {
        const match = miner.match(line.content);
        parsed.add(line, match?.clusterId ?? NO_CLUSTER, match?.template ?? '');
      }
    }
  }
  for (const { mode, miner, parsed } of runs) {
    (figures[mode.name] ??= {})[system.name] = parsed.figures(miner.settings);
  }
  return lines;
}

function figuresTable(figures: Readonly<Record<string, ParsingFigures>>): string {
  const rows = Object.entries(figures).map(([name, one]) => [name, ...cells(one)]);
  return formatTable(['system', 'GA', 'FGA', 'PA', 'FTA'], rows);
}

function tellReference(reference: Readonly<Record<string, ComparedFolder>>): void {
  const counts = Object.entries(reference).map(([name, { lines, differences }]) => [
    name,
    String(lines),
    String(differences),
  ]);
  console.log(`\n${formatTable(['drain3 configuration', 'lines', 'differences'], counts)}`);
  for (const [name, { differences, byColumn, examples, unread }] of Object.entries(reference)) {
    if (differences > 0) {
      const columns = Object.entries(byColumn).map(([column, count]) => `${column} ${count}`);
      console.log([`\n${name}: ${columns.join(', ')}`, ...examples].join('\n  '));
    }
    if (unread) {
      console.log(
        `\n${name}: drain3 reads nothing from ${unread.lines} of the lines, we read ${unread.readByUs} of them`,
      );
    }
  }
  const accuracies = Object.entries(reference).flatMap(([name, { ours, drain3 }]) =>
    ours && drain3
      ? [
          [`${name}, ours`, ...cells(ours)],
          ['drain3', ...cells(drain3)],
        ]
      : [],
  );
  if (accuracies.length > 0) {
    console.log(`\n${formatTable(['mean over systems', 'GA', 'FGA', 'PA', 'FTA'], accuracies)}`);
  }
  const { ours, drain3 } = reference[OWN_SETTINGS] ?? {};
  if (!ours || !drain3) return;
  const isEqual = ours.groupingAccuracy === drain3.groupingAccuracy;
  console.log(
    `\nGA with ${OWN_MODE}: ours ${fraction(ours.groupingAccuracy)}, drain3 ${fraction(drain3.groupingAccuracy)}: ` +
      (isEqual ? 'equal' : 'NOT EQUAL'),
  );
}

function cells(figures: ParsingFigures): readonly string[] {
  return [
    fraction(figures.groupingAccuracy),
    fraction(figures.groupingF1),
    fraction(figures.parsingAccuracy),
    fraction(figures.templateF1),
  ];
}
