import { type FileHandle, mkdtemp, open, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spoolConfigSchema, type SpoolConfig } from '@logbert/contracts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Collector, textOf } from '../log-stream-contract';
import { SpoolFullFailure, SpoolInUseFailure } from '../log-stream-failures';
import { claimDirectory } from './directory-claim';
import { readSpool } from './read-spool';
import { SpoolLogStream } from './spool-log-stream';

describe('SpoolLogStream within its bounds', () => {
  let directory: string;
  let stream: SpoolLogStream;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'logbert-spool-'));
  });
  afterEach(async () => {
    await stream.close();
    await rm(directory, { recursive: true, force: true });
  });

  const openSpool = async (config: Partial<SpoolConfig> = {}) => {
    stream = await SpoolLogStream.open(directory, { ...spoolConfigSchema.parse({}), ...config });
  };
  const kilobytes = (count: number) => [Buffer.alloc(count * 1_024, 'x')];

  it('refuses lines when it is full of unread ones, and takes them again after they were read', async () => {
    await openSpool({ partitions: 1, segmentBytes: 65_536, maxBytes: 1_048_576 });
    const seen = new Collector();
    let accepted = 0;
    await expect(
      (async () => {
        for (;;) {
          await stream.append('s', kilobytes(50));
          accepted++;
        }
      })(),
    ).rejects.toThrow(SpoolFullFailure);
    expect(accepted).toBe(16);

    await stream.subscribe(seen.handler);
    await seen.until(accepted);
    seen.lastBatch().release(accepted);
    await stream.append('s', kilobytes(50));
    expect(await seen.until(accepted + 1)).toHaveLength(accepted + 1);
  });

  it('keeps nothing of a write that finds the disk full, and goes on where it stopped when there is room', async () => {
    await openSpool({ partitions: 1 });
    await stream.append('s', [Buffer.from('before')]);
    const probe = await open(join(directory, 'probe'), 'w');
    type Write = (
      this: FileHandle,
      bytes: Uint8Array,
      offset: number,
      length: number,
      position: number,
    ) => Promise<unknown>;
    const files: { write: Write } = Object.getPrototypeOf(probe);
    const { write } = files;
    await probe.close();
    // A disk takes what it can before it says that it is full.
    const full = vi.spyOn(files, 'write').mockImplementation(async function (
      this: FileHandle,
      bytes,
      offset,
      length,
      position,
    ) {
      await Reflect.apply(write, this, [bytes, offset, Math.floor(length / 2), position]);
      throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    });
    const refused = await stream.append('s', [Buffer.from('lost')]).catch((error) => error);
    full.mockRestore();
    expect(refused).toBeInstanceOf(SpoolFullFailure);
    expect(refused).toMatchObject({ retriable: true, message: 'The disk under the spool is full' });

    await stream.append('s', [Buffer.from('after')]);
    await stream.close();
    const notices: unknown[] = [];
    stream = await SpoolLogStream.open(directory, spoolConfigSchema.parse({ partitions: 1 }), {
      report: (notice) => notices.push(notice),
    });
    const seen = new Collector();
    await stream.subscribe(seen.handler);
    expect((await seen.until(2)).map(textOf)).toEqual(['before', 'after']);
    expect(notices).toEqual([]);
  });

  it('refuses the lines of one stream that floods it, and takes those of another', async () => {
    await openSpool({ partitions: 4, segmentBytes: 65_536, maxBytes: 4_194_304 });
    const seen = new Collector();
    const flood = async () => {
      for (;;) await stream.append('flood', kilobytes(50));
    };
    await expect(flood()).rejects.toThrow(SpoolFullFailure);
    for (let line = 0; line < 5; line++) await stream.append('calm', kilobytes(50));
    await expect(flood()).rejects.toThrow(SpoolFullFailure);

    await stream.subscribe(seen.handler);
    const calm = await seen
      .until(70)
      .then((all) => all.filter((record) => record.stream === 'calm'));
    expect(calm).toHaveLength(5);
  });

  it('keeps each stream apart from the others, at the same place after a restart, while there are partitions', async () => {
    await openSpool({ partitions: 3 });
    const names = ['one', 'two', 'three', 'four'];
    /** Nothing is released, so that all that ever came comes. */
    const partitions = async (lines: number) => {
      const seen = new Collector();
      for (const name of names) await stream.append(name, kilobytes(1));
      await stream.subscribe(seen.handler);
      const found = await seen.until(lines);
      return new Map(found.map((record) => [record.stream, record.partition]));
    };
    const first = await partitions(names.length);
    expect(new Set(names.slice(0, 3).map((name) => first.get(name))).size).toBe(3);
    await stream.close();
    await openSpool({ partitions: 3 });
    const again = await partitions(2 * names.length);
    expect(Object.fromEntries(again)).toEqual(Object.fromEntries(first));
  });

  it('deletes what was consumed when its time is over, and nothing else', async () => {
    await openSpool({ partitions: 1, segmentBytes: 65_536, retentionHours: 1 });
    for (let line = 0; line < 10; line++) await stream.append('s', kilobytes(65));
    const start = async () => (await stream.lag())[0];
    const later = Date.now() + 3_600_000 + 1_000;

    await stream.retain(later);
    expect((await start())?.committed).toBe(0);
    const seen = new Collector();
    await stream.subscribe(seen.handler);
    await seen.until(10);
    seen.lastBatch().release(5);
    await stream.retain(Date.now());
    const all = { stream: 's', fromMs: 0, toMs: later, limit: 100 };
    expect(await countOf(stream.read(all))).toBe(10);
    await stream.retain(later);
    expect(await countOf(stream.read(all))).toBe(5);
  });

  it('is open once', async () => {
    await openSpool();
    await expect(SpoolLogStream.open(directory, spoolConfigSchema.parse({}))).rejects.toThrow(
      SpoolInUseFailure,
    );
    await stream.close();
    await openSpool();
  });

  it('takes over from a process that is gone, also when another one has its number now', async () => {
    await claimDirectory(join(directory, 'spool')).then((release) => release());
    await writeFile(join(directory, 'spool', 'owner'), `${process.pid} 1`);
    await openSpool();
    expect(await readFile(join(directory, 'spool', 'owner'), 'utf8')).not.toBe(`${process.pid} 1`);
  });

  it('steps over one damaged line among unread ones, and takes new ones', async () => {
    await openSpool({ partitions: 1 });
    for (const line of ['a', 'b', 'c']) await stream.append('s', [Buffer.from(line)]);
    const before = new Collector();
    await stream.subscribe(before.handler);
    await before.until(3);
    before.lastBatch().release(1);
    await stream.close();
    const [file = ''] = await readdir(join(directory, 'spool', 'partition-0'));
    const path = join(directory, 'spool', 'partition-0', file);
    const bytes = await readFile(path);
    bytes.writeUInt8(0xff ^ bytes.readUInt8(bytes.length / 2), bytes.length / 2);
    await writeFile(path, bytes);

    await openSpool({ partitions: 1 });
    await stream.append('s', [Buffer.from('d')]);
    const seen = new Collector();
    await stream.subscribe(seen.handler);
    expect((await seen.until(2)).map(textOf)).toEqual(['c', 'd']);
    expect((await stream.lag())[0]).toMatchObject({ committed: 1, end: 4, lag: 3 });
    const range = { stream: 's', fromMs: 0, toMs: Date.now() + 1_000, limit: 10 };
    expect(await countOf(readSpool(directory, range))).toBe(3);
  });

  it('still delivers the partitions of a larger configuration', async () => {
    await openSpool({ partitions: 8 });
    const names = Array.from({ length: 20 }, (_, place) => `stream-${place}`);
    for (const name of names) await stream.append(name, [Buffer.from(name)]);
    await stream.close();
    await openSpool({ partitions: 1 });
    const seen = new Collector();
    await stream.subscribe(seen.handler);
    const records = await seen.until(names.length);
    expect(records.map(textOf).sort()).toEqual([...names].sort());
  });

  it('commits past a parked record that nobody releases', async () => {
    await openSpool({ partitions: 1 });
    await stream.append('s', [Buffer.from('bad')]);
    await stream.subscribe(async () => {
      throw new TypeError('not to be read');
    });
    while ((await stream.lag())[0]?.lag !== 0) await new Promise((done) => setTimeout(done, 10));
  });

  it('lets another reader in while it is written', async () => {
    await openSpool();
    await stream.append('s', [Buffer.from('a'), Buffer.from('b')]);
    await stream.append('other', [Buffer.from('c')]);
    const range = { stream: 's', fromMs: 0, toMs: Date.now() + 1_000, limit: 10 };
    expect(await countOf(readSpool(directory, range))).toBe(2);
    const stopped = new AbortController();
    stopped.abort();
    expect(await countOf(readSpool(directory, { ...range, signal: stopped.signal }))).toBe(0);
    expect(await countOf(readSpool(join(directory, 'nowhere'), range))).toBe(0);
  });
});

async function countOf(records: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const record of records) if (record !== undefined) count++;
  return count;
}
