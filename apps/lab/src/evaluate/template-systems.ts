import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type MinerSettings, MinerSettingsFailure, TemplateMiner } from '@logbert/template-mining';
import { z } from 'zod';
import { streamRecords } from '../reading/read-csv';
import { UsageError } from '../reporting/options';
import { findPythonOnlySyntax } from './python-only-syntax';

const STRUCTURED = /_structured\.csv(?:\.gz)?$/;

const settingsFileSchema = z.object({ datasets: z.record(z.string(), z.unknown()) });

const ownSettingsSchema = z.object({
  regex: z.array(z.string()),
  st: z.number(),
  depth: z.int(),
  maxChild: z.int().optional(),
  mask_with: z.string().default('*'),
});

/** The settings made for one system, or why there are none. */
export type OwnSettings =
  { readonly settings: Partial<MinerSettings> } | { readonly problem: string };

/** A system whose lines come with the truth. */
export interface TemplateSystem {
  readonly name: string;
  readonly file: string;
  /** Undefined when no settings file was given. */
  readonly own: OwnSettings | undefined;
}

/** One line and what the truth says of it. */
export interface TrueLine {
  readonly content: string;
  /** Empty where the truth does not know the line. */
  readonly trueGroup: string;
  readonly trueTemplate: string | undefined;
}

/**
 * The systems of a folder: each sub-folder with a `*_structured.csv`, packed or not, by name.
 *
 * @param settingsFile masks, similarity and depth by the name of the folder
 * @throws UsageError when there is none, or the settings file is not of that form
 */
export function findSystems(
  directory: string,
  settingsFile: string | undefined,
): readonly TemplateSystem[] {
  const own = settingsFile === undefined ? undefined : readSettings(settingsFile);
  const systems = list(directory).flatMap((name) => {
    const folder = join(directory, name);
    if (!statSync(folder).isDirectory()) return [];
    const file = structuredIn(folder);
    if (file === undefined) return [];
    return [{ name, file, own: own && ownSettingsOf(own[name], basename(settingsFile ?? '')) }];
  });
  if (systems.length > 0) return systems;
  const hint =
    structuredIn(directory) === undefined
      ? ''
      : ': it is itself the folder of one system, and the folder above it is wanted';
  throw new UsageError(`${directory}: no sub-folder has a *_structured.csv${hint}`);
}

/**
 * The lines of a system.
 *
 * @throws UsageError when its file cannot be read, or names neither lines nor truth
 */
export async function* readTrueLines({ file }: TemplateSystem): AsyncGenerator<TrueLine> {
  for await (const row of streamRecords(file, ['Content'])) {
    const { Content: content = '', EventId: id, EventTemplate: template } = row;
    if (id === undefined && template === undefined) {
      throw new UsageError(`${file}: there is neither a column "EventTemplate" nor "EventId"`);
    }
    yield { content, trueGroup: template ?? id ?? '', trueTemplate: template };
  }
}

/** Names in a folder, in order. */
export function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw new UsageError(`${directory}: no such folder`);
    throw new UsageError(`${directory}: ${code === 'ENOTDIR' ? 'not a folder' : String(code)}`);
  }
}

function structuredIn(folder: string): string | undefined {
  const name = list(folder).find((entry) => STRUCTURED.test(entry));
  return name === undefined ? undefined : join(folder, name);
}

function readSettings(file: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new UsageError(`${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = settingsFileSchema.safeParse(value);
  if (parsed.success) return parsed.data.datasets;
  throw new UsageError(`${file}: there is no object "datasets" with the settings of each system`);
}

function ownSettingsOf(value: unknown, file: string): OwnSettings {
  if (value === undefined) return { problem: `${file} does not name it` };
  const parsed = ownSettingsSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { problem: `${file}: ${issue?.path.join('.')}: ${issue?.message}` };
  }
  const { regex, st: similarity, depth, maxChild, mask_with: name } = parsed.data;
  for (const [index, pattern] of regex.entries()) {
    const problem = findPythonOnlySyntax(pattern);
    if (problem !== undefined) return { problem: `${file}: regex[${index}]: ${problem}` };
  }
  const settings: Partial<MinerSettings> = {
    engine: 'drain',
    masks: regex.map((pattern) => ({ name, pattern, isTrusted: true })),
    similarity,
    depth,
    ...(maxChild === undefined ? {} : { maxChildren: maxChild }),
  };
  try {
    new TemplateMiner(settings);
    return { settings };
  } catch (error) {
    if (!(error instanceof MinerSettingsFailure)) throw error;
    return { problem: `${file}: ${error.message}` };
  }
}
