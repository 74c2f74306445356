import { join } from 'node:path';
import { makeDirectory } from '../spool/segment-files';
import { readIfThere } from '../spool/read-if-there';
import { replaceFile } from '../spool/replace-file';
import type { Head } from './file-content';
import { MARKS_FILE, STRETCHES_FILE } from './followed-layout';
import { type Mark, Marks, readMarks } from './marks';

/** More files of a log than this are not gone back to. */
const MAX_STRETCHES = 64;

/** Consecutive lines of a partition that are in one file: after a rotation it is another one. */
export interface Stretch {
  readonly device: string;
  readonly inode: string;
  /** The folder that its rotated files stay in, and its name there while it was written to. */
  readonly directory: string;
  readonly name: string;
  readonly firstLine: number;
  readonly firstByte: number;
  /** When it had been written to, as it was begun. */
  readonly modifiedMs: number;
  /** Left out in those of older versions. */
  readonly begunAtMs?: number | undefined;
  readonly head: Head;
  /** Where the next stretch took over; not there while it may grow. */
  readonly end?: { readonly line: number; readonly byte: number } | undefined;
}

export interface FollowedLog {
  readonly partition: number;
  readonly path: string;
  readonly stream: string;
}

interface Kept extends FollowedLog {
  readonly stretches: readonly Stretch[];
}

/** Which files a partition was read from, and up to where, kept in a folder of its own. */
export class PartitionHistory {
  private constructor(
    private readonly directory: string,
    private readonly log: FollowedLog,
    private kept: readonly Stretch[],
    readonly marks: Marks,
  ) {}

  /** @param fromLine the first line that will be asked for */
  static async open(
    directory: string,
    log: FollowedLog,
    fromLine: number,
  ): Promise<PartitionHistory> {
    await makeDirectory(directory);
    const known = await readStretches(directory);
    const marks = await Marks.open(join(directory, MARKS_FILE), fromLine);
    const history = new PartitionHistory(directory, log, known?.stretches ?? [], marks);
    if (known?.stream !== log.stream) await history.save();
    return history;
  }

  get stretches(): readonly Stretch[] {
    return this.kept;
  }

  /** The oldest that has the line or is before it and may still grow. */
  stretchOf(line: number): Stretch | undefined {
    return this.kept.find(({ end }) => end === undefined || line < end.line);
  }

  after(stretch: Stretch): Stretch | undefined {
    return this.kept[this.kept.indexOf(stretch) + 1];
  }

  /** The newest mark in a stretch, as far as it is not forgotten. */
  lastMarkOf({ firstLine, end }: Stretch): Mark | undefined {
    const mark = end ? this.marks.before(end.line) : this.marks.last;
    return mark && mark.endLine > firstLine ? mark : undefined;
  }

  async begin(stretch: Stretch): Promise<void> {
    this.kept = [...this.kept, stretch].slice(-MAX_STRETCHES);
    await this.save();
  }

  /** Puts what has become known of a stretch in its place. */
  async amend(stretch: Stretch, news: Partial<Stretch>): Promise<Stretch> {
    const amended = { ...stretch, ...news };
    this.kept = this.kept.map((other) => (other === stretch ? amended : other));
    await this.save();
    return amended;
  }

  close(): Promise<void> {
    return this.marks.close();
  }

  private save(): Promise<void> {
    const kept: Kept = { ...this.log, stretches: this.kept };
    return replaceFile(join(this.directory, STRETCHES_FILE), JSON.stringify(kept));
  }
}

/** What is kept of a partition, for whoever only looks. */
export async function readStretches(directory: string): Promise<Kept | undefined> {
  const text = await readIfThere(join(directory, STRETCHES_FILE));
  return text === undefined ? undefined : (JSON.parse(text) as Kept);
}

export function readMarksOf(directory: string): Promise<readonly Mark[]> {
  return readMarks(join(directory, MARKS_FILE));
}

/** The newest of the marks that are in the stretch. */
export function lastMarkIn({ firstLine, end }: Stretch, marks: readonly Mark[]): Mark | undefined {
  const last = end?.line ?? Infinity;
  return marks.findLast(({ endLine }) => endLine > firstLine && endLine <= last);
}
