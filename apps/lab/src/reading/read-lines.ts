import { createReadStream, existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import { UsageError } from '../reporting/options';

/** The lines of a file, unpacked when its name ends in `.gz`. */
export async function* readLines(file: string): AsyncGenerator<string> {
  if (!existsSync(file)) throw new UsageError(`${file}: no such file`);
  const bytes = createReadStream(file);
  const input = file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
  yield* createInterface({ input, crlfDelay: Infinity });
}
