import { constants, type BigIntStats } from 'node:fs';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { HEAD_BYTES, hasAnchor, hasHead, readHead } from './file-content';
import type { Mark } from './marks';
import type { Stretch } from './partition-history';
import { ageByName } from './rotated-name';

/** Looks at a folder until it stands still, but not for ever: in some, files come and go all the time. */
export const LOOKS = 10;

export interface FileState {
  readonly device: string;
  readonly inode: string;
  readonly size: number;
  readonly modifiedMs: number;
  readonly isFile: boolean;
}

export interface FoundFile extends FileState {
  readonly path: string;
}

export interface OpenedFile {
  readonly handle: FileHandle;
  readonly file: Pick<FileState, 'device' | 'inode'>;
  /** Whether it is a copy of what was written to, so that nobody writes to it. */
  readonly isCopy: boolean;
}

/** Where a log may be found whose name is followed. */
export type LogPlace = Pick<Stretch, 'directory' | 'name'>;

/** What the path leads to; nothing where there is none. */
export async function findState(path: string): Promise<FileState | undefined> {
  return stat(path, { bigint: true }).then(stateOf, (error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
}

export async function readState(handle: FileHandle): Promise<FileState> {
  return stateOf(await handle.stat({ bigint: true }));
}

/** Opens a file to read it, never waiting as for the writer of a pipe. */
export function openToRead(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | constants.O_NONBLOCK);
}

export function isSameFile(
  one: Pick<FileState, 'device' | 'inode'>,
  other: Pick<FileState, 'device' | 'inode'>,
): boolean {
  return one.device === other.device && one.inode === other.inode;
}

/**
 * Opens the file that a stretch is in, under whatever name: the same file, or else one of the same content, such as the copy
 * that was made before it was emptied.
 *
 * @param mark the newest of the stretch
 */
export async function openStretch(
  path: string,
  stretch: Stretch,
  mark: Mark | undefined,
): Promise<OpenedFile | undefined> {
  return untilStill(
    () => filesAround(path, stretch),
    async (files) => {
      const own = files.filter((file) => isSameFile(file, stretch));
      const copies = files.filter((file) => !own.includes(file) && isRotatedOrCurrent(file));
      for (const file of stretch.head.bytes > 0 ? [...own, ...copies] : own) {
        const handle = await openIf(file, (opened) => hasStretch(opened, file.size, stretch, mark));
        if (handle) return { handle, file, isCopy: file.path !== path && copies.includes(file) };
      }
      return undefined;
    },
  );

  function isRotatedOrCurrent(file: FoundFile): boolean {
    return file.path === path || ageByName(stretch.name, nameOf(file)) !== undefined;
  }
}

/** Opens the copy of a stretch's file that was made before it was emptied. */
export async function openCopy(
  stretch: Stretch,
  isCopy: (handle: FileHandle) => Promise<boolean>,
): Promise<FileHandle | undefined> {
  if (stretch.head.bytes === 0) return undefined;
  return untilStill(
    () => rotatedFiles(stretch),
    async (files) => {
      for (const file of files) {
        const handle = await openIf(
          file,
          async (opened) => (await hasHead(opened, stretch.head)) && (await isCopy(opened)),
        );
        if (handle) return handle;
      }
      return undefined;
    },
  );
}

/** Whether the file has what is known of the stretch. */
export async function hasStretch(
  handle: FileHandle,
  size: number,
  { head, end }: Stretch,
  mark: Mark | undefined,
): Promise<boolean> {
  if (size < (end?.byte ?? mark?.endByte ?? head.bytes)) return false;
  if (!(await hasHead(handle, head))) return false;
  return mark === undefined || hasAnchor(handle, mark.endByte, mark.anchor);
}

/** Whether a file has all that another one begins with, as the one that it was copied from has. */
export async function beginsAs(handle: FileHandle, { path, size }: FoundFile): Promise<boolean> {
  const other = await openIfThere(path);
  if (!other) return false;
  try {
    const head = await readHead(other, HEAD_BYTES);
    return (await readState(handle)).size >= size && (await hasHead(handle, head));
  } finally {
    await other.close();
  }
}

/** Looks again where files were renamed meanwhile, as a rotation does with one after the other. */
async function untilStill<Found>(
  list: () => Promise<readonly FoundFile[]>,
  findAmong: (files: readonly FoundFile[]) => Promise<Found | undefined>,
): Promise<Found | undefined> {
  let files = await list();
  for (let look = 0; look < LOOKS; look++) {
    const found = await findAmong(files);
    if (found !== undefined) return found;
    const before = placesOf(files);
    files = await list();
    if (placesOf(files) === before) return undefined;
  }
  return undefined;
}

/** Tells whether files have been renamed between two looks. */
export function placesOf(files: readonly FoundFile[]): string {
  return JSON.stringify(files.map(({ path, device, inode }) => [path, device, inode]));
}

/** The file as it was seen, if it still has that name. */
async function openIf(
  file: FoundFile,
  fits: (handle: FileHandle) => Promise<boolean>,
): Promise<FileHandle | undefined> {
  const handle = await openIfThere(file.path);
  if (!handle) return undefined;
  if (isSameFile(await readState(handle), file) && (await fits(handle))) return handle;
  await handle.close();
  return undefined;
}

/** Removed meanwhile is an answer; that it may not be read is a failure, since lines may be in it. */
export function openIfThere(path: string): Promise<FileHandle | undefined> {
  return openToRead(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/** Files of the log by their names, other than the one that is written to. */
export async function rotatedFiles({ directory, name }: LogPlace): Promise<readonly FoundFile[]> {
  return statesOf(directory, (other) => ageByName(name, other) !== undefined);
}

async function filesAround(path: string, { directory }: LogPlace): Promise<readonly FoundFile[]> {
  const current = await findState(path);
  const others = await statesOf(directory, () => true);
  return [...(current?.isFile ? [{ ...current, path }] : []), ...others];
}

async function statesOf(
  directory: string,
  isWanted: (name: string) => boolean,
): Promise<readonly FoundFile[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const files: FoundFile[] = [];
  for (const name of names.filter(isWanted)) {
    const path = join(directory, name);
    const state = await findState(path).catch(() => undefined);
    if (state?.isFile) files.push({ ...state, path });
  }
  return files;
}

export function nameOf({ path }: FoundFile): string {
  return basename(path);
}

function stateOf(stats: BigIntStats): FileState {
  return {
    device: String(stats.dev),
    inode: String(stats.ino),
    size: Number(stats.size),
    modifiedMs: Number(stats.mtimeNs) / 1e6,
    isFile: stats.isFile(),
  };
}
