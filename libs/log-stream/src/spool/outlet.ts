import { open, rename, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { OutgoingMessage, OutgoingTopic } from '../log-stream';
import { makeDirectory } from './segment-files';

const ROTATE_BYTES = 16 * 1_024 * 1_024;
const KEPT_FILES = 4;

/** What the embedded profile announces: a file of JSON lines for each topic, for `tail -F` and the like. */
export class Outlet {
  private turn: Promise<void> = Promise.resolve();
  private readonly handles = new Map<OutgoingTopic, FileHandle>();

  constructor(private readonly directory: string) {}

  /** Durable when it resolves; the calls take turns. */
  publish(topic: OutgoingTopic, messages: readonly OutgoingMessage[]): Promise<void> {
    if (messages.length === 0) return Promise.resolve();
    const written = this.turn.then(() => this.write(topic, messages));
    this.turn = written.catch(() => undefined);
    return written;
  }

  async close(): Promise<void> {
    await this.turn;
    for (const handle of this.handles.values()) await handle.close();
    this.handles.clear();
  }

  private async write(topic: OutgoingTopic, messages: readonly OutgoingMessage[]): Promise<void> {
    const handle = await this.open(topic);
    await handle.appendFile(messages.map(({ value }) => `${value}\n`).join(''));
    await handle.datasync();
  }

  private async open(topic: OutgoingTopic): Promise<FileHandle> {
    const file = join(this.directory, `${topic}.ndjson`);
    const known = this.handles.get(topic);
    if (known !== undefined) {
      if ((await known.stat()).size < ROTATE_BYTES) return known;
      this.handles.delete(topic);
      await known.close();
    }
    await makeDirectory(this.directory);
    const size = await stat(file).then(
      (found) => found.size,
      () => 0,
    );
    if (size >= ROTATE_BYTES) await this.rotate(file);
    const handle = await open(file, 'a');
    this.handles.set(topic, handle);
    return handle;
  }

  private async rotate(file: string): Promise<void> {
    for (let age = KEPT_FILES - 1; age >= 1; age--) {
      const from = age === 1 ? file : `${file}.${age - 1}`;
      await rename(from, `${file}.${age}`).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      });
    }
  }
}
