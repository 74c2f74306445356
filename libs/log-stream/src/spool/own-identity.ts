import { randomUUID } from 'node:crypto';
import { readIfThere } from './read-if-there';
import { replaceFile } from './replace-file';

/** Positions in a spool mean nothing in another one, such as the next under the same path. */
export async function ownIdentity(file: string): Promise<string> {
  const known = await readIfThere(file);
  if (known) return known;
  const identity = randomUUID();
  await replaceFile(file, identity);
  return identity;
}
