import { link, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SpoolInUseFailure } from '../log-stream-failures';
import { makeDirectory } from './segment-files';
import { CLAIM_FILE } from './spool-layout';

/**
 * Makes this process the only one that writes below the directory, until the returned function is called.
 * A claim of a process that is gone counts no more.
 * @throws SpoolInUseFailure when another process has it
 */
export async function claimDirectory(directory: string): Promise<() => Promise<void>> {
  await makeDirectory(directory);
  const file = join(directory, CLAIM_FILE);
  const claim = `${process.pid} ${await startOf(process.pid)}`;
  const own = `${file}.${process.pid}`;
  for (;;) {
    await writeFile(own, claim);
    try {
      // A link appears with its content or not at all.
      await link(own, file);
      return () => unlink(file).catch(() => undefined);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    } finally {
      await unlink(own).catch(() => undefined);
    }
    const owner = await readFile(file, 'utf8').catch(() => '');
    if (owner === claim || (await isAlive(owner))) {
      throw new SpoolInUseFailure(
        `${directory} is in use by process ${owner.split(' ')[0]}; stop it, or choose another data directory`,
      );
    }
    await unlink(file).catch(() => undefined);
  }
}

async function isAlive(owner: string): Promise<boolean> {
  const [pid = '', start = ''] = owner.split(' ');
  if (!/^\d+$/.test(pid)) return false;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  return start === (await startOf(Number(pid)));
}

/** When the process began, which tells it from a later one with the same number; empty where it is not known. */
async function startOf(pid: number): Promise<string> {
  const status = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The 22nd field; the second, the command in parentheses, may have spaces.
  return status.slice(status.lastIndexOf(')') + 2).split(' ')[19] ?? '';
}
