import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Configuration, configurationSchema } from '@logbert/contracts';
import { buildDecoder, FormatFailure } from '@logbert/log-records';
import { parse } from 'yaml';
import type { z } from 'zod';
import { problemsOfIssue } from '../problems/problems-of-issue';
import { canonicalPath } from './canonical-path';
import { ConfigurationFailure, type ConfigurationProblem } from './configuration-failure';
import {
  type ConfigurationTree,
  isTree,
  mergeTrees,
  valueAt,
  withValue,
} from './configuration-tree';

export const DEFAULT_PROFILE = 'embedded';
const ENVIRONMENT_PREFIX = 'LOGBERT__';

export interface ConfigurationSources {
  /** Folder of `default.yaml` and the profiles. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Command-line arguments without program and script. */
  readonly flags: readonly string[];
}

interface Layer {
  readonly source: string;
  readonly tree: ConfigurationTree;
}

/** One value from the environment or the command line, as it was written. */
interface Setting {
  readonly source: string;
  readonly path: readonly string[];
  readonly text: string;
}

/**
 * The configuration of the program: `default.yaml`, then the profile's file, then the environment
 * (`LOGBERT__SERVER__PORT`), then flags (`--server.port=8080`); a later source wins key by key.
 *
 * @throws ConfigurationFailure naming every wrong key with its reason and source
 */
export function loadConfiguration(sources: ConfigurationSources): Configuration {
  const flags = sources.flags.map(readFlag);
  const profile = profileOf(sources, flags);
  const settings = [
    ...settingsOfEnvironment(sources.environment),
    ...flags.filter(({ path }) => path.join('.') !== 'profile'),
  ];
  const files = [
    readLayer(sources.directory, 'default', false),
    readLayer(sources.directory, profile, profile !== DEFAULT_PROFILE),
  ];

  const first = parseLayers(files, settings, new Set());
  if (first.success) return withUsableStreams(first.data);
  // A text such as "123456" reads as a number first; where a text is asked for, it is taken as written.
  const asText = new Set(first.error.issues.filter(isTextExpected).map(pathOf));
  const second = asText.size > 0 ? parseLayers(files, settings, asText) : first;
  if (second.success) return withUsableStreams(second.data);

  const layers = [...files, ...settings.map(layerOfSetting)];
  throw new ConfigurationFailure(second.error.issues.flatMap((issue) => problemsOf(issue, layers)));
}

/** A pattern may be of the right shape and still not compile, or take unbearably long. */
function withUsableStreams(configuration: Configuration): Configuration {
  const { defaultStream, streams } = configuration;
  const named = Object.entries(streams).map(
    ([name, settings]) => [`streams.${name}`, settings] as const,
  );
  const problems: ConfigurationProblem[] = [];
  for (const [key, { format, sessionKey }] of [
    ['defaultStream', defaultStream] as const,
    ...named,
  ]) {
    try {
      buildDecoder(format, sessionKey);
    } catch (error) {
      if (!(error instanceof FormatFailure)) throw error;
      problems.push({ key: `${key}.${error.field}`, reason: error.reason });
    }
  }
  if (problems.length > 0) throw new ConfigurationFailure(problems);
  return configuration;
}

function parseLayers(
  files: readonly Layer[],
  settings: readonly Setting[],
  asText: ReadonlySet<string>,
): z.ZodSafeParseResult<Configuration> {
  let tree: ConfigurationTree = {};
  for (const file of files) tree = mergeTrees(tree, file.tree);
  for (const { path, text } of settings) {
    const value = asText.has(path.join('.')) ? text : readValue(text);
    tree = mergeTrees(tree, withValue({}, path, value));
  }
  return configurationSchema.safeParse(tree);
}

function readLayer(directory: string, name: string, isRequired: boolean): Layer {
  const file = join(directory, `${name}.yaml`);
  if (!existsSync(file)) {
    if (!isRequired) return { source: file, tree: {} };
    throw new ConfigurationFailure([{ key: 'profile', reason: `there is no file ${file}` }]);
  }
  try {
    const tree: unknown = parse(readFileSync(file, 'utf8')) ?? {};
    if (!isTree(tree)) throw new TypeError('the file must hold a mapping of keys to values');
    return { source: file, tree };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigurationFailure([{ key: `${name}.yaml`, reason, source: file }]);
  }
}

function profileOf(sources: ConfigurationSources, flags: readonly Setting[]): string {
  const flag = flags.findLast(({ path }) => path.join('.') === 'profile')?.text;
  const profile = flag ?? sources.environment['LOGBERT_PROFILE'] ?? DEFAULT_PROFILE;
  if (/^[a-z0-9][a-z0-9-]*$/i.test(profile)) return profile;
  throw new ConfigurationFailure([
    { key: 'profile', reason: `"${profile}" is not a name of letters, digits and "-"` },
  ]);
}

function settingsOfEnvironment(environment: ConfigurationSources['environment']): Setting[] {
  const settings: Setting[] = [];
  const url = environment['DATABASE_URL'];
  if (url) settings.push({ source: 'DATABASE_URL', path: ['database', 'url'], text: url });
  for (const [name, text] of Object.entries(environment)) {
    if (!name.startsWith(ENVIRONMENT_PREFIX) || text === undefined) continue;
    const path = canonicalPath(name.slice(ENVIRONMENT_PREFIX.length).split('__'));
    settings.push({ source: name, path, text });
  }
  return settings;
}

function readFlag(flag: string): Setting {
  const match = /^--([A-Za-z][\w.-]*)(?:=([\s\S]*))?$/.exec(flag);
  if (match?.[1] === undefined) {
    throw new ConfigurationFailure([
      { key: flag, reason: 'flags are written --section.key=value', source: 'command line' },
    ]);
  }
  return { source: 'command line', path: match[1].split('.'), text: match[2] ?? 'true' };
}

/** JSON where it is JSON, else the text itself. */
function readValue(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function layerOfSetting({ source, path, text }: Setting): Layer {
  return { source, tree: withValue({}, path, readValue(text)) };
}

function isTextExpected(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'invalid_type' && issue.expected === 'string';
}

function pathOf(issue: z.core.$ZodIssue): string {
  return issue.path.map(String).join('.');
}

function problemsOf(issue: z.core.$ZodIssue, layers: readonly Layer[]): ConfigurationProblem[] {
  return problemsOfIssue(issue, 'unknown key').map(({ path, reason }) => ({
    key: path.map(String).join('.') || '(root)',
    reason,
    source: sourceOf(path, layers),
  }));
}

function sourceOf(path: readonly PropertyKey[], layers: readonly Layer[]): string | undefined {
  return layers.findLast(({ tree }) => valueAt(tree, path) !== undefined)?.source;
}
