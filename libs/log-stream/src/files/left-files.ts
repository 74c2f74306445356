import type { FileHandle } from 'node:fs/promises';
import { type FileState, isSameFile, readState } from './file-search';
import type { Stretch } from './partition-history';

/** A file that was rotated away is looked at so long for lines that come late. */
const LATE_MS = 60_000;
const MAX_FILES = 16;

interface LeftFile {
  readonly stretch: Stretch;
  readonly handle: FileHandle;
  readonly atMs: number;
}

/** Rotated files, held open: they can still be read when their name is gone, and be written to late. */
export class LeftFiles {
  private files: readonly LeftFile[] = [];

  async add(stretch: Stretch, handle: FileHandle): Promise<void> {
    this.files = [...this.files, { stretch, handle, atMs: Date.now() }];
    await this.keepOnly((file) => this.files.indexOf(file) >= this.files.length - MAX_FILES);
  }

  has(wanted: Pick<FileState, 'device' | 'inode'>): boolean {
    return this.files.some(({ stretch }) => isSameFile(stretch, wanted));
  }

  /** Gives a file back to be read again. */
  take(wanted: Pick<FileState, 'device' | 'inode'>): FileHandle | undefined {
    const found = this.files.findLast(({ stretch }) => isSameFile(stretch, wanted));
    this.files = this.files.filter((file) => file !== found);
    return found?.handle;
  }

  /** A file with bytes behind all that was read of it. */
  async findGrown(
    stretches: readonly Stretch[],
  ): Promise<{ readonly stretch: Stretch; readonly byte: number } | undefined> {
    for (const { stretch, handle } of this.files) {
      const ends = stretches.flatMap((own) =>
        isSameFile(own, stretch) ? [own.end?.byte ?? Infinity] : [],
      );
      const byte = Math.max(0, ...ends);
      if ((await readState(handle)).size > byte) return { stretch, byte };
    }
    return undefined;
  }

  /** Closes those whose lines are committed and that nobody writes to any more. */
  async tidy(committed: number): Promise<void> {
    const now = Date.now();
    await this.keepOnly(
      ({ stretch, atMs }) => now - atMs < LATE_MS || (stretch.end?.line ?? Infinity) > committed,
    );
  }

  close(): Promise<void> {
    return this.keepOnly(() => false);
  }

  private async keepOnly(isKept: (file: LeftFile) => boolean): Promise<void> {
    const closed = this.files.filter((file) => !isKept(file));
    if (closed.length === 0) return;
    this.files = this.files.filter((file) => !closed.includes(file));
    await Promise.all(closed.map(({ handle }) => handle.close()));
  }
}
