import { randomUUID } from 'node:crypto';
import { access, constants, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  ArtifactMissingFailure,
  ArtifactStoreRefusedFailure,
  ArtifactStoreUnavailableFailure,
} from './artifact-failures';
import { keyPath, prefixPath } from './artifact-key';
import type { ArtifactStore } from './artifact-store';

/** Names of keys never begin like this, so that what is being written is never listed. */
const TEMPORARY = '.new-';

/** Artifacts as files below a directory. */
export class FileArtifactStore implements ArtifactStore {
  constructor(private readonly directory: string) {}

  async put(key: string, bytes: Uint8Array): Promise<void> {
    const file = join(this.directory, ...keyPath(key));
    const temporary = join(dirname(file), `${TEMPORARY}${randomUUID()}`);
    try {
      await mkdir(dirname(file), { recursive: true });
      const handle = await open(temporary, 'wx');
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(temporary, file);
      await syncDirectory(dirname(file));
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw translate(`put ${key}`, error);
    }
  }

  async get(key: string): Promise<Uint8Array> {
    const file = join(this.directory, ...keyPath(key));
    try {
      return await readFile(file);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') {
        throw new ArtifactMissingFailure(key, { cause: error });
      }
      throw translate(`get ${key}`, error);
    }
  }

  async list(prefix: string): Promise<readonly string[]> {
    const keys: string[] = [];
    await this.collect(prefixPath(prefix), keys);
    return keys.sort();
  }

  async remove(prefix: string): Promise<void> {
    const names = prefixPath(prefix);
    await rm(join(this.directory, ...names), { recursive: true, force: true }).catch((error) => {
      throw translate(`remove ${prefix}`, error);
    });
  }

  async isHealthy(): Promise<boolean> {
    try {
      await mkdir(this.directory, { recursive: true });
      await access(this.directory, constants.R_OK | constants.W_OK | constants.X_OK);
      return true;
    } catch {
      return false;
    }
  }

  private async collect(path: readonly string[], keys: string[]): Promise<void> {
    const folder = join(this.directory, ...path);
    const entries = await readdir(folder, { withFileTypes: true }).catch((error) => {
      if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return [];
      throw translate(`list ${path.join('/')}`, error);
    });
    for (const entry of entries) {
      const inside = [...path, entry.name];
      if (entry.isDirectory()) await this.collect(inside, keys);
      else if (!entry.name.startsWith(TEMPORARY)) keys.push(inside.join('/'));
    }
  }
}

/** Without it a power cut could forget the new name. */
export async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

export function translate(operation: string, error: unknown): Error {
  const code = codeOf(error);
  return code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR'
    ? new ArtifactStoreRefusedFailure(operation, error)
    : new ArtifactStoreUnavailableFailure(operation, error);
}
