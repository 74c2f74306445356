import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type MinerSettings, TemplateMiner } from '@logbert/template-mining';
import { z } from 'zod';
import { parsingFigures, type ParsingFigures } from '../measures/parsing';
import { readRecords } from '../reading/read-csv';
import { Options, UsageError } from '../reporting/options';
import { reportHead, writeReport } from '../reporting/report';
import { formatTable, fraction } from '../reporting/table';
import { DRAIN3_CONFIGURATIONS, DRAIN3_DEFAULTS, OWN_SETTINGS } from './drain3-configurations';

const OPTIONS = {
  data: { value: 'DIR', help: 'a folder a system, with its *_structured.csv', isRequired: true },
  settings: { value: 'FILE', help: 'JSON: masks, similarity and depth of each system' },
  reference: { value: 'DIR', help: 'answers of drain3, a folder a configuration' },
  json: { value: 'FILE', help: 'writes the result for programs, too' },
} as const;

const STRUCTURED = /_structured\.csv(?:\.gz)?$/;

const settingsFileSchema = z.object({
  datasets: z.record(
    z.string(),
    z.object({ regex: z.array(z.string()), st: z.number(), depth: z.int() }),
  ),
});

interface System {
  readonly name: string;
  readonly lines: readonly { content: string; trueGroup: string; trueTemplate: string }[];
  readonly own: Partial<MinerSettings> | undefined;
}

/** Compares mined templates with the truth of each system and, where there is a reference, with drain3 line by line. */
export async function evaluateTemplates(argv: readonly string[]): Promise<void> {
  const options = Options.parse('evaluate templates', OPTIONS, argv);
  const head = reportHead('evaluate templates', argv);
  const systems = readSystems(options.required('data'), options.text('settings'));

  const modes: Readonly<Record<string, (system: System) => Partial<MinerSettings> | undefined>> = {
    'own settings': ({ own }) => own,
    'default preset': () => ({}),
  };
  const report: Record<string, Record<string, ParsingFigures>> = {};
  for (const [mode, settingsOf] of Object.entries(modes)) {
    const figures = systems.flatMap((system) => {
      const settings = settingsOf(system);
      return settings ? [[system.name, figuresOf(system, settings)] as const] : [];
    });
    if (figures.length === 0) continue;
    report[mode] = Object.fromEntries([
      ...figures,
      ['mean', meanOf(figures.map(([, one]) => one))],
    ]);
    console.log(`\n${mode}\n${tableOf(report[mode])}`);
  }

  const reference = options.text('reference');
  const differences = reference === undefined ? undefined : compareAll(systems, reference);
  if (differences) {
    const rows = Object.entries(differences).map(([name, count]) => [name, String(count)]);
    console.log(`\n${formatTable(['drain3 configuration', 'differences'], rows)}`);
  }
  const file = options.text('json');
  if (file !== undefined) writeReport(file, { ...head, systems: report, differences });
}

function readSystems(directory: string, settingsFile: string | undefined): readonly System[] {
  if (!existsSync(directory)) throw new UsageError(`${directory}: no such folder`);
  const settings =
    settingsFile === undefined
      ? {}
      : settingsFileSchema.parse(JSON.parse(readFileSync(settingsFile, 'utf8'))).datasets;
  const systems = readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => {
      const file = readdirSync(join(directory, name)).find((entry) => STRUCTURED.test(entry));
      if (file === undefined) return [];
      const lines = readRecords(join(directory, name, file)).map((row) => ({
        content: row['Content'] ?? '',
        trueGroup: row['EventId'] ?? '',
        trueTemplate: row['EventTemplate'] ?? '',
      }));
      const own = settings[name];
      return [{ name, lines, own: own && drainSettings(own) }];
    });
  if (systems.length === 0) throw new UsageError(`${directory}: no folder has a *_structured.csv`);
  return systems.sort((a, b) => (a.name < b.name ? -1 : 1));
}

function drainSettings(own: {
  regex: string[];
  st: number;
  depth: number;
}): Partial<MinerSettings> {
  return {
    masks: own.regex.map((pattern) => ({ name: '*', pattern, isTrusted: true })),
    similarity: own.st,
    depth: own.depth,
  };
}

/** Groups are those at the end: a line belongs to the final template of the cluster that took it. */
function figuresOf({ lines }: System, settings: Partial<MinerSettings>): ParsingFigures {
  const miner = new TemplateMiner(settings);
  const clusters = lines.map(({ content }) => miner.learn(content).clusterId);
  const templates = new Map(
    miner.templates().map(({ clusterId, template }) => [clusterId, starred(template)]),
  );
  return parsingFigures(
    lines.map(({ trueGroup, trueTemplate }, index) => {
      const cluster = clusters[index] ?? -1;
      return {
        trueGroup,
        trueTemplate,
        group: `${cluster}`,
        template: templates.get(cluster) ?? '',
      };
    }),
  );
}

/** The truth writes every parameter as `<*>`. */
function starred(template: string): string {
  return template.replace(/<[A-Z][A-Z_]*>/g, '<*>');
}

function compareAll(systems: readonly System[], reference: string): Record<string, number> {
  const configurations = readdirSync(reference, { withFileTypes: true })
    .map(({ name }) => name)
    .filter((name) => name in DRAIN3_CONFIGURATIONS || name === OWN_SETTINGS)
    .sort();
  return Object.fromEntries(
    configurations.map((name) => [
      name,
      systems.reduce((sum, system) => sum + differencesOf(system, name, reference), 0),
    ]),
  );
}

function differencesOf({ name, own }: System, configuration: string, reference: string): number {
  const settings = DRAIN3_CONFIGURATIONS[configuration] ?? own;
  const file = ['csv', 'csv.gz']
    .map((ending) => join(reference, configuration, `${name}.${ending}`))
    .find((path) => existsSync(path));
  if (!settings || file === undefined) return 0;
  const miner = new TemplateMiner({ ...DRAIN3_DEFAULTS, ...settings });
  let differences = 0;
  for (const row of readRecords(file)) {
    const { clusterId, template, size, clusterCount } = miner.learn(row['Content'] ?? '');
    const ours = [String(clusterId), template, String(size), String(clusterCount)];
    const theirs = ['cluster_id', 'template_mined', 'cluster_size', 'cluster_count'];
    if (theirs.some((column, index) => row[column] !== ours[index])) differences++;
  }
  return differences;
}

function meanOf(figures: readonly ParsingFigures[]): ParsingFigures {
  const mean = (of: (one: ParsingFigures) => number): number =>
    figures.reduce((sum, one) => sum + of(one), 0) / figures.length;
  return {
    groupingAccuracy: mean((one) => one.groupingAccuracy),
    groupingF1: mean((one) => one.groupingF1),
    parsingAccuracy: mean((one) => one.parsingAccuracy),
    templateF1: mean((one) => one.templateF1),
  };
}

function tableOf(figures: Readonly<Record<string, ParsingFigures>>): string {
  const rows = Object.entries(figures).map(([name, one]) => [
    name,
    fraction(one.groupingAccuracy),
    fraction(one.groupingF1),
    fraction(one.parsingAccuracy),
    fraction(one.templateF1),
  ]);
  return formatTable(['system', 'GA', 'FGA', 'PA', 'FTA'], rows);
}
