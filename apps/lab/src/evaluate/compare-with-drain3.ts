import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { MinerSettings } from '@logbert/template-mining';
import { meanFigures, type ParsingFigures } from '../measures/parsing';
import { UsageError } from '../reporting/options';
import { answersOf, type BothFigures, compareDrain3Answers } from './compare-drain3-answers';
import { compareDrain3Parameters, type UnreadLines } from './compare-drain3-parameters';
import { compareDrain3Snapshot, storedSnapshots } from './compare-drain3-snapshots';
import { Drain3Comparison } from './drain3-comparison';
import {
  DRAIN3_CONFIGURATIONS,
  OWN_SETTINGS,
  SNAPSHOT_CONFIGURATION,
} from './drain3-configurations';
import { list, type TemplateSystem } from './template-systems';

/** Folders of a reference beside those of its configurations. */
const PARAMETERS = 'extract_parameters';
const SNAPSHOTS = 'snapshots';

/** What came of one folder of a reference. */
export interface ComparedFolder {
  readonly lines: number;
  readonly differences: number;
  readonly byColumn: Readonly<Record<string, number>>;
  readonly examples: readonly string[];
  /** Means over the systems, where the answers are of the same lines as the truth. */
  readonly ours?: ParsingFigures;
  readonly drain3?: ParsingFigures;
  /** Figures by system, for the two. */
  readonly systems?: Readonly<Record<string, BothFigures>>;
  /** Lines for which drain3 finds no parameters, and how many of them have some with us. */
  readonly unread?: Readonly<UnreadLines>;
}

/**
 * Compares our answers with a folder of drain3's: one sub-folder a configuration, parameters and snapshots.
 *
 * @param directory the reference; systems and sub-folders that it lacks are not compared
 * @param tell receives what could not be compared, and why
 * @throws UsageError when nothing in it can be compared
 */
export async function compareWithDrain3(
  systems: readonly TemplateSystem[],
  directory: string,
  tell: (note: string) => void,
): Promise<Readonly<Record<string, ComparedFolder>>> {
  const compared: Record<string, ComparedFolder> = {};
  for (const name of list(directory)) {
    const folder = join(directory, name);
    if (!statSync(folder).isDirectory()) continue;
    if (name === PARAMETERS) compared[name] = await compareParameters(systems, folder);
    else if (name === SNAPSHOTS) compared[name] = await compareSnapshots(directory, tell);
    else if (name === OWN_SETTINGS || Object.hasOwn(DRAIN3_CONFIGURATIONS, name)) {
      compared[name] = await compareConfiguration(systems, directory, name, tell);
    } else tell(`${name}: no configuration of drain3 is known by that name`);
  }
  if (Object.values(compared).some(({ lines }) => lines > 0)) return compared;
  throw new UsageError(
    `${directory}: no answers of drain3 for these systems; wanted: folders ` +
      [...Object.keys(DRAIN3_CONFIGURATIONS), OWN_SETTINGS, PARAMETERS, SNAPSHOTS].join(', '),
  );
}

async function compareConfiguration(
  systems: readonly TemplateSystem[],
  directory: string,
  configuration: string,
  tell: (note: string) => void,
): Promise<ComparedFolder> {
  const folder = join(directory, configuration);
  const names = list(folder);
  const comparison = new Drain3Comparison();
  const figures: Record<string, BothFigures> = {};
  for (const system of systems) {
    const file = answersOf(folder, names, system.name);
    if (file === undefined) {
      tell(`${configuration}: no answers for ${system.name}`);
      continue;
    }
    const settings = settingsFor(system, configuration);
    if (!settings) {
      tell(`${configuration}: ${system.name} has no settings of its own to compare with`);
      continue;
    }
    const both = await compareDrain3Answers(system, file, settings, comparison);
    if (both) figures[system.name] = both;
    else
      tell(`${configuration}: ${system.name}: the answers are not of these lines, so no accuracy`);
  }
  const all = Object.values(figures);
  return {
    ...summary(comparison),
    ...(all.length === 0
      ? {}
      : {
          ours: meanFigures(all.map(({ ours }) => ours)),
          drain3: meanFigures(all.map(({ drain3 }) => drain3)),
          systems: figures,
        }),
  };
}

async function compareParameters(
  systems: readonly TemplateSystem[],
  folder: string,
): Promise<ComparedFolder> {
  const comparison = new Drain3Comparison();
  const unread: UnreadLines = { lines: 0, readByUs: 0 };
  for (const { name } of systems) {
    const file = [`${name}.jsonl`, `${name}.jsonl.gz`]
      .map((entry) => join(folder, entry))
      .find((path) => existsSync(path));
    if (file !== undefined) await compareDrain3Parameters(name, file, comparison, unread);
  }
  return { ...summary(comparison), unread };
}

async function compareSnapshots(
  directory: string,
  tell: (note: string) => void,
): Promise<ComparedFolder> {
  const comparison = new Drain3Comparison();
  const folder = join(directory, SNAPSHOTS);
  const answers = join(directory, SNAPSHOT_CONFIGURATION);
  const names = existsSync(answers) ? list(answers) : [];
  for (const snapshot of storedSnapshots(folder, list(folder))) {
    const file = answersOf(answers, names, snapshot.system);
    if (file === undefined)
      tell(`${snapshot.path}: no ${SNAPSHOT_CONFIGURATION} answers beside it`);
    else await compareDrain3Snapshot(snapshot, file, comparison);
  }
  return summary(comparison);
}

function settingsFor(
  { own }: TemplateSystem,
  configuration: string,
): Partial<MinerSettings> | undefined {
  if (configuration !== OWN_SETTINGS) return DRAIN3_CONFIGURATIONS[configuration];
  return own && 'settings' in own ? own.settings : undefined;
}

function summary(comparison: Drain3Comparison): ComparedFolder {
  const { lines, differences, byColumn, examples } = comparison;
  return { lines, differences, byColumn, examples };
}
