import { appendFile, mkdtemp, open, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StreamNotice } from '../stream-notice';
import { encodeBody } from './frame';
import { SegmentCursor } from './segment-cursor';
import { SegmentLog } from './segment-log';

const MEGABYTE = 1_024 * 1_024;

describe('SegmentLog', () => {
  let directory: string;
  let notices: StreamNotice[];

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'logbert-segments-'));
    notices = [];
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const openLog = (segmentBytes = MEGABYTE) =>
    SegmentLog.open(directory, segmentBytes, (notice) => notices.push(notice));
  const append = (log: SegmentLog, ...lines: string[]) =>
    log.append(
      encodeBody(
        's',
        {},
        lines.map((line) => Buffer.from(line)),
      ),
      lines.length,
      1,
    );
  const contents = async (log: SegmentLog, from = 0) => {
    const place = { source: 'logs', partition: 0 };
    const cursor = new SegmentCursor(log, place, (notice) => notices.push(notice), from);
    const lines: string[] = [];
    for (;;) {
      const records = await cursor.next({ maxRecords: 3, maxBytes: MEGABYTE });
      if (records.length === 0) break;
      lines.push(...records.map(({ value }) => Buffer.from(value).toString()));
    }
    await cursor.close();
    return lines;
  };
  const flip = async (file: string, position: number) => {
    const handle = await open(file, 'r+');
    const byte = Buffer.alloc(1);
    await handle.read(byte, 0, 1, position);
    await handle.write(Buffer.from([(byte[0] ?? 0) ^ 0x40]), 0, 1, position);
    await handle.close();
  };
  const onlyFile = async () => join(directory, (await readdir(directory))[0] ?? '');

  it('numbers records through appends and restarts', async () => {
    const log = await openLog();
    expect(await append(log, 'a', 'b')).toBe(0);
    expect(await append(log, 'c')).toBe(2);
    await log.close();
    const again = await openLog();
    expect(again.end).toBe(3);
    expect(await append(again, 'd')).toBe(3);
    expect(await contents(again)).toEqual(['a', 'b', 'c', 'd']);
    expect(await contents(again, 1)).toEqual(['b', 'c', 'd']);
    expect(notices).toEqual([]);
    await again.close();
  });

  it.each([
    ['half a head', Buffer.from('LBF1')],
    ['a head without its body', Buffer.concat([Buffer.from('LBF1'), Buffer.alloc(28, 1)])],
    ['zeros', Buffer.alloc(4_096)],
    ['anything', Buffer.alloc(100, 0x5a)],
  ])('cuts off %s that a crash left', async (_what, torn) => {
    const log = await openLog();
    await append(log, 'a', 'b');
    await log.close();
    const whole = (await stat(await onlyFile())).size;
    await appendFile(await onlyFile(), torn);

    const again = await openLog();
    expect(notices).toEqual([{ kind: 'torn-tail', file: await onlyFile(), bytes: torn.length }]);
    expect((await stat(await onlyFile())).size).toBe(whole);
    await append(again, 'c');
    expect(await contents(again)).toEqual(['a', 'b', 'c']);
    await again.close();
  });

  it('cuts off a frame that has lost its end, wherever it was cut', async () => {
    const log = await openLog();
    await append(log, 'first');
    const whole = (await stat(await onlyFile())).size;
    await append(log, 'second');
    await log.close();
    const full = (await stat(await onlyFile())).size;
    for (let size = full - 1; size >= whole; size -= 7) {
      const handle = await open(await onlyFile(), 'r+');
      await handle.truncate(size);
      await handle.close();
      const again = await openLog();
      expect(again.end).toBe(1);
      await append(again, 'second');
      expect(await contents(again)).toEqual(['first', 'second']);
      await again.close();
    }
  });

  it('begins a new segment and reads across', async () => {
    const log = await openLog(200);
    const lines = Array.from({ length: 30 }, (_, line) => `line ${line}`);
    for (const line of lines) await append(log, line);
    expect(log.segments.length).toBeGreaterThan(5);
    expect(await contents(log)).toEqual(lines);
    expect(await contents(log, 17)).toEqual(lines.slice(17));

    await log.deleteOldest((_, endOffset) => endOffset <= 10);
    expect(log.start).toBeGreaterThan(0);
    expect(log.start).toBeLessThanOrEqual(10);
    expect(await contents(log)).toEqual(lines.slice(log.start));
    await log.close();
    const again = await openLog(200);
    expect(again.end).toBe(30);
    await again.close();
  });

  it('skips what does not match its checksum and says so', async () => {
    const log = await openLog(200);
    const lines = Array.from({ length: 30 }, (_, line) => `line ${line}`);
    for (const line of lines) await append(log, line);
    const { file = '', baseOffset = 0 } = log.segments[1] ?? {};
    const frameBytes = 32 + encodeBody('s', {}, [Buffer.from('line 4')]).length;
    await flip(file, 45);
    expect(await contents(log)).toEqual(lines.toSpliced(baseOffset, 1));
    const notice = { kind: 'corrupt-segment', file, position: 0, bytes: frameBytes };
    expect(notices).toEqual([notice]);
    await log.close();
  });

  it.each([
    ['mark', 0],
    ['length', 4],
    ['upper length', 7],
    ['checksum', 8],
    ['offset', 19],
    ['count', 28],
    ['body', 40],
  ])(
    'keeps a newest segment whose %s is damaged, and all whole frames behind it',
    async (_, at) => {
      const log = await openLog();
      for (const line of ['a', 'b', 'c', 'd']) await append(log, line);
      await log.close();
      const file = await onlyFile();
      const { size } = await stat(file);
      await flip(file, size / 4 + at);

      const again = await openLog();
      expect((await stat(file)).size).toBe(size);
      const notice = { kind: 'corrupt-segment', file, position: size / 4, bytes: size / 4 };
      expect(notices).toEqual([notice]);
      expect(again.end).toBe(4);
      expect(await append(again, 'e')).toBe(4);
      expect(await contents(again)).toEqual(['a', 'c', 'd', 'e']);
      expect(await contents(again, 2)).toEqual(['c', 'd', 'e']);
      await again.close();
      const third = await openLog();
      expect(await contents(third)).toEqual(['a', 'c', 'd', 'e']);
      await third.close();
    },
  );

  it('finds the next whole frame behind more damage than it reads at once', async () => {
    const log = await openLog(8 * MEGABYTE);
    await append(log, 'a');
    const first = (await stat(await onlyFile())).size;
    await append(log, 'LBF1'.repeat(700_001));
    await append(log, 'c');
    await log.close();
    await flip(await onlyFile(), first + 4);
    const again = await openLog(8 * MEGABYTE);
    expect(await contents(again)).toEqual(['a', 'c']);
    await again.close();
  });

  it('numbers new records above what was committed, whatever was lost', async () => {
    const log = await openLog();
    for (const line of ['a', 'b', 'c']) await append(log, line);
    await log.close();
    const file = await onlyFile();
    const { size } = await stat(file);
    await flip(file, size - 1);

    const open = () => SegmentLog.open(directory, MEGABYTE, (notice) => notices.push(notice), 3);
    const again = await open();
    expect(notices).toEqual([
      { kind: 'corrupt-segment', file, position: (size / 3) * 2, bytes: size / 3 },
    ]);
    expect((await stat(file)).size).toBe(size);
    expect(await append(again, 'd')).toBe(3);
    expect(await contents(again, 3)).toEqual(['d']);
    expect(await contents(again)).toEqual(['a', 'b', 'd']);
    await again.close();
    await rm(directory, { recursive: true });
    const empty = await open();
    expect(await append(empty, 'e')).toBe(3);
    await empty.close();
  });

  it('keeps the order of appends that come together', async () => {
    const log = await openLog();
    const offsets = await Promise.all(
      Array.from({ length: 500 }, (_, line) => append(log, `line ${line}`)),
    );
    expect(offsets).toEqual(Array.from({ length: 500 }, (_, line) => line));
    expect(await contents(log)).toHaveLength(500);
    await log.close();
    await expect(append(log, 'late')).rejects.toMatchObject({ code: 'log-stream/closed' });
  });
});
