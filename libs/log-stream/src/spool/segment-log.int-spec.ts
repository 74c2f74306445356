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
    const second = log.segments[1];
    const third = log.segments[2];
    const handle = await open(second?.file ?? '', 'r+');
    await handle.write(Buffer.from([0xff]), 0, 1, 45);
    await handle.close();
    const read = await contents(log);
    expect(read).toEqual([
      ...lines.slice(0, second?.baseOffset),
      ...lines.slice(third?.baseOffset),
    ]);
    expect(notices).toEqual([{ kind: 'corrupt-segment', file: second?.file, position: 0 }]);
    await log.close();
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
