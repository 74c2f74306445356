import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncDirectory, translate } from './file-artifact-store';

const BASE = '.base';
const RECORDS = '.records';
const UNFINISHED = '.unfinished';
/** Generations are padded so that names sort as numbers do. */
const DIGITS = 12;

/**
 * A text and records appended to it, kept as two files of one generation; a new text begins the next.
 *
 * A generation counts once its text is whole: it is written beside its place, synced and renamed. Records are synced before
 * `append` answers. Not for two writers at once.
 */
export class FileJournal {
  private generation: number | undefined;
  /** Whether the file of the records is known to be in its directory for good. */
  private hasRecords = false;

  /** @param directory for nothing else; made when it is missing */
  constructor(private readonly directory: string) {}

  /** @returns undefined when there is no text yet; the last record may be cut off if the program ended while it was written */
  async load(): Promise<{ readonly base: string; readonly records: string } | undefined> {
    try {
      this.generation = await this.newest();
      if (this.generation === 0) return undefined;
      const base = await readFile(this.file(this.generation, BASE), 'utf8');
      const records = await readFile(this.file(this.generation, RECORDS), 'utf8').catch(absent);
      return { base, records };
    } catch (error) {
      throw translate('load a journal', error);
    }
  }

  /** @param pieces the text; each is written before the next is asked for */
  async replace(pieces: Iterable<string>): Promise<void> {
    try {
      await mkdir(this.directory, { recursive: true });
      const before = (this.generation ??= await this.newest());
      const next = before + 1;
      const unfinished = this.file(next, UNFINISHED);
      const handle = await open(unfinished, 'w');
      try {
        for (const piece of pieces) await handle.appendFile(piece, 'utf8');
        await handle.sync();
      } finally {
        await handle.close();
      }

      await rename(unfinished, this.file(next, BASE));
      await syncDirectory(this.directory);
      this.generation = next;
      this.hasRecords = false;
      await this.removeBefore(next);
    } catch (error) {
      throw translate('replace a journal', error);
    }
  }

  async append(record: string): Promise<void> {
    if (!this.generation) throw new RangeError('a record has no text to be appended to');
    try {
      const handle = await open(this.file(this.generation, RECORDS), 'a');
      try {
        await handle.appendFile(record, 'utf8');
        await handle.datasync();
      } finally {
        await handle.close();
      }
      if (!this.hasRecords) await syncDirectory(this.directory);
      this.hasRecords = true;
    } catch (error) {
      throw translate('append to a journal', error);
    }
  }

  /** 0 when there is none. */
  private async newest(): Promise<number> {
    const names = await this.names();
    const bases = names.filter((name) => name.endsWith(BASE));
    return Math.max(0, ...bases.map((name) => Number.parseInt(name, 10)));
  }

  private async removeBefore(generation: number): Promise<void> {
    for (const name of await this.names()) {
      if (Number.parseInt(name, 10) < generation) await rm(join(this.directory, name));
    }
  }

  private async names(): Promise<readonly string[]> {
    const names = await readdir(this.directory).catch((error: unknown) => {
      absent(error);
      return [];
    });
    return names.filter((name) => /^\d+\.(base|records|unfinished)$/.test(name));
  }

  private file(generation: number, ending: string): string {
    return join(this.directory, String(generation).padStart(DIGITS, '0') + ending);
  }
}

/** What a file that is not there has in it. */
function absent(error: unknown): '' {
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
  throw error;
}
