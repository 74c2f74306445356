import { open, rename, stat, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { OutgoingMessage, OutgoingTopic } from '../log-stream';
import { EVENT_ID_HEADER } from '@logbert/contracts';
import { makeDirectory } from './segment-files';

const ROTATE_BYTES = 16 * 1_024 * 1_024;
const KEPT_FILES = 4;
/** Of the end of a file that a former process left: more than what it may have written without having said so. */
const TAIL_BYTES = 4 * 1_024 * 1_024;

/** What the embedded profile announces: a file of JSON lines for each topic, for `tail -F` and the like. */
export class Outlet {
  private turn: Promise<void> = Promise.resolve();
  private readonly handles = new Map<OutgoingTopic, FileHandle>();
  /** What is at the end of the files that a former process left: it may have died before it could say so. */
  private readonly left = new Map<OutgoingTopic, ReadonlySet<string>>();

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
    const left = this.left.get(topic);
    const fresh = messages.filter(
      ({ headers, value }) => !headers?.[EVENT_ID_HEADER] || !left?.has(nameOf(value) ?? ''),
    );
    if (fresh.length === 0) return;
    await handle.appendFile(fresh.map(({ value }) => `${value}\n`).join(''));
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
    if (!this.left.has(topic)) this.left.set(topic, await recover(file));
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

/** Cuts an unfinished line off, and gives the names of those before it. */
async function recover(file: string): Promise<ReadonlySet<string>> {
  const handle = await open(file, 'r+').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!handle) return new Set();
  try {
    const { size } = await handle.stat();
    const from = Math.max(0, size - TAIL_BYTES);
    const tail = Buffer.alloc(size - from);
    await handle.read(tail, 0, tail.length, from);
    const end = tail.lastIndexOf('\n') + 1;
    if (end < tail.length && (end > 0 || from === 0)) await handle.truncate(from + end);
    const lines = tail.toString('utf8', 0, end).split('\n');
    return new Set(lines.flatMap((line) => nameOf(line) ?? []));
  } finally {
    await handle.close();
  }
}

/** Event and document: numbers of events begin anew with a new database. */
function nameOf(line: string): string | undefined {
  try {
    const { eventId, id } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    return `${String(eventId)}/${String(id)}`;
  } catch {
    // The first line of the tail is seldom whole.
    return undefined;
  }
}
