import { type Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, parse, sep } from 'node:path';
import { findState } from './file-search';
import { ageByName } from './rotated-name';

const WILDCARD = /[*?]/;
/** Packed by rotation; no lines to follow. */
const PACKED = /\.(?:gz|bz2|xz|zst|lz4|zip|Z)$/;
/** Folders that `**` goes down. */
const MAX_DEPTH = 16;

/** A path of its own, or one with `*`, `?` or `**` for a folder of any depth. */
export function isPattern(path: string): boolean {
  return WILDCARD.test(path);
}

/** The files that a pattern stands for, in the order of their names, without rotated and packed ones; a path is itself. */
export async function expandPath(path: string): Promise<readonly string[]> {
  if (!isPattern(path)) return [path];
  const { root } = parse(path);
  const found = await match(root, path.slice(root.length).split(sep).filter(Boolean), 0);
  const unique = [...new Set(found)].sort();
  return unique.filter((file) => !PACKED.test(file) && !isRotated(file, unique));
}

async function match(
  folder: string,
  [segment, ...rest]: readonly string[],
  depth: number,
): Promise<readonly string[]> {
  if (segment === undefined) return [];
  if (segment === '**') return matchDeep(folder, rest, depth);
  if (!isPattern(segment)) {
    const path = join(folder, segment);
    if (rest.length > 0) return match(path, rest, depth);
    return (await isFile(path)) ? [path] : [];
  }
  const pattern = patternOf(segment);
  const found: string[] = [];
  for (const entry of await entriesOf(folder)) {
    if (!pattern.test(entry.name)) continue;
    const path = join(folder, entry.name);
    if (rest.length > 0) {
      if (!entry.isFile()) found.push(...(await match(path, rest, depth)));
    } else if (await isFile(path)) found.push(path);
  }
  return found;
}

/** `**` stands for no folder, too. Links to folders are not followed, since they may lead in circles. */
async function matchDeep(
  folder: string,
  rest: readonly string[],
  depth: number,
): Promise<readonly string[]> {
  const found = [...(await match(folder, rest, depth))];
  if (depth >= MAX_DEPTH) return found;
  for (const entry of await entriesOf(folder)) {
    if (!entry.isDirectory()) continue;
    found.push(...(await matchDeep(join(folder, entry.name), rest, depth + 1)));
  }
  return found;
}

/** As in a shell, a name that begins with a dot is meant only by a pattern that does. */
function patternOf(segment: string): RegExp {
  const source = segment
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '[^]*')
    .replaceAll('?', '[^]');
  return new RegExp(`^${segment.startsWith('.') ? '' : '(?!\\.)'}${source}$`);
}

/** Those of a folder that is missing or may not be listed are none, for now. */
async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  return readdir(folder, { withFileTypes: true }).catch(() => []);
}

async function isFile(path: string): Promise<boolean> {
  const state = await findState(path).catch(() => undefined);
  return state?.isFile === true;
}

function isRotated(file: string, files: readonly string[]): boolean {
  const folder = file.slice(0, file.lastIndexOf(sep) + 1);
  const name = file.slice(folder.length);
  return files.some(
    (log) =>
      log !== file &&
      log.startsWith(folder) &&
      !log.slice(folder.length).includes(sep) &&
      ageByName(log.slice(folder.length), name) !== undefined,
  );
}
