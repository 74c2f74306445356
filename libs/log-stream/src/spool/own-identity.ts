import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { replaceFile } from './replace-file';

/** Positions in a spool mean nothing in another one, such as the next under the same path. */
export async function ownIdentity(file: string): Promise<string> {
  const known = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  if (known !== '') return known;
  const identity = randomUUID();
  await replaceFile(file, identity);
  return identity;
}
