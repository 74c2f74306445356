import { chmod, mkdir, open, rename, symlink, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEAD_LETTER_HEADERS } from '../dead-letter';
import { textOf } from '../log-stream-contract';
import { claimDirectory } from '../spool/directory-claim';
import { FollowerTestBed } from './follower-test-bed';
import { readFollowed } from './read-followed';

const LINE_LIMIT = 1_000;
const isRoot = process.getuid?.() === 0;

describe('FileFollower', () => {
  let bed: FollowerTestBed;

  beforeEach(async () => {
    bed = await FollowerTestBed.create(LINE_LIMIT);
  });
  afterEach(() => bed.dispose());

  it('waits for the end of a line, and leaves blank lines and Windows line ends out', async () => {
    await bed.write('one\r\n\n  \ntwo');
    await bed.follow();
    expect(await bed.lines(1)).toEqual(['one']);
    await bed.write(' and a half\n');
    expect(await bed.lines(2)).toEqual(['one', 'two and a half']);
    const last = (await bed.seen.until(2))[1];
    expect(last).toMatchObject({ source: bed.log(), offset: 1, stream: 'shop', key: 'shop' });
    bed.release(last);
    expect((await bed.stream.lag()).find(({ source }) => source === bed.log())?.lag).toBe(0);
  });

  it('begins behind what is there when it is told to, and with the first line of what comes later', async () => {
    await bed.write('old\nhalf');
    await bed.follow({ path: bed.log('*.log'), from: 'end' });
    await bed.write(' a line\nnew\n');
    expect(await bed.lines(2)).toEqual(['half a line', 'new']);
    await bed.write('whole\n', 'later.log');
    expect((await bed.lines(3))[2]).toBe('whole');
  });

  it('finds files that a pattern comes to stand for, each once, without rotated and packed ones', async () => {
    const deep = bed.log('a/b');
    await mkdir(deep, { recursive: true });
    await bed.write('of app\n');
    await bed.write('rotated\n', 'app.log.1');
    await bed.write('packed\n', 'app.log.2.gz');
    await symlink(bed.log(), bed.log('link.log'));
    await bed.follow({ path: bed.log('**/*log*') });
    expect(await bed.lines(1)).toEqual(['of app']);
    await bed.write('of deep\n', 'a/b/deep.log');
    expect(await bed.lines(2)).toEqual(['of app', 'of deep']);
    await rename(bed.log('a/b/deep.log'), bed.log('a/b/deep.log.1'));
    await bed.write('of the next\n', 'a/b/deep.log');
    expect(await bed.lines(3)).toEqual(['of app', 'of deep', 'of the next']);
    const records = await bed.seen.until(3);
    expect(records.map(({ source }) => source)).toEqual([
      bed.log(),
      join(deep, 'deep.log'),
      join(deep, 'deep.log'),
    ]);
  });

  it('parks a line that is too long with its beginning, and goes on', async () => {
    const long = 'x'.repeat(700_000);
    await bed.write(`one\n${long}\nthree\n`);
    await bed.follow();
    expect(await bed.lines(2)).toEqual(['one', 'three']);
    expect((await bed.seen.until(2)).map(({ offset }) => offset)).toEqual([0, 2]);
    expect(await bed.notice('parked')).toMatchObject({ source: bed.log(), offset: 1 });
    const letters = [];
    for await (const letter of bed.stream.readDeadLetters(await bed.stream.deadLetterSpans())) {
      letters.push(letter);
    }
    expect(letters.map(textOf)).toEqual(['x'.repeat(LINE_LIMIT)]);
    expect(letters[0]?.headers).toMatchObject({
      [DEAD_LETTER_HEADERS.topic]: bed.log(),
      [DEAD_LETTER_HEADERS.truncatedFrom]: String(long.length + 1),
    });
  });

  it('tells of a file that is missing or is none, and follows it when it can', async () => {
    await bed.follow();
    expect(await bed.notice('file-unreadable')).toMatchObject({
      path: bed.log(),
      error: { code: 'log-stream/file-missing' },
    });
    await mkdir(bed.log());
    await expect
      .poll(() => bed.notices, { timeout: 10_000 })
      .toContainEqual(
        expect.objectContaining({
          error: expect.objectContaining({ code: 'log-stream/not-a-file' }),
        }),
      );
    await rename(bed.log(), bed.log('folder'));
    await bed.write('one\n');
    expect(await bed.lines(1)).toEqual(['one']);
    expect(await bed.notice('file-readable')).toMatchObject({ path: bed.log() });
  });

  it.skipIf(isRoot)('tells of a file that it may not read', async () => {
    await bed.write('one\n');
    await chmod(bed.log(), 0);
    await bed.follow();
    expect(await bed.notice('file-unreadable')).toMatchObject({ error: { code: 'EACCES' } });
    await chmod(bed.log(), 0o600);
    expect(await bed.lines(1)).toEqual(['one']);
  });

  it('waits while another process follows the files of the data directory', async () => {
    await bed.write('one\n');
    const unclaim = await claimDirectory(join(bed.dataDirectory, 'followed'));
    await bed.follow();
    await bed.notice('files-followed-elsewhere');
    await unclaim();
    expect(await bed.lines(1)).toEqual(['one']);
  });

  it('goes on behind late lines of a rotated file after a restart', async () => {
    await bed.write('one\n');
    await bed.follow();
    await bed.lines(1);
    await rename(bed.log(), bed.log('app.log.1'));
    await bed.write('two\n');
    bed.release((await bed.seen.until(2))[1]);
    await bed.stop();
    await bed.write('late\n', 'app.log.1');
    await bed.follow();
    expect(await bed.lines(1)).toEqual(['late']);
    await bed.write('three\n');
    expect(await bed.lines(2)).toEqual(['late', 'three']);
  });

  it('says how many bytes were lost when a file was emptied without a copy', async () => {
    await bed.write('one\nhal');
    await bed.follow();
    await bed.lines(1);
    const handle = await open(bed.log(), 'r+');
    await truncate(bed.log());
    await handle.close();
    await bed.write('two\n');
    expect(await bed.lines(2)).toEqual(['one', 'two']);
    expect(await bed.notice('lines-gone')).toMatchObject({ path: bed.log(), bytes: 3 });
  });

  it('reads the past of a stream through rotations, also in a process that does not follow', async () => {
    const fromMs = Date.now();
    await bed.write('one\n');
    await bed.follow();
    await bed.lines(1);
    await rename(bed.log(), bed.log('app.log.1'));
    await bed.write(`two\n${'x'.repeat(2 * LINE_LIMIT)}\nthree\n`);
    const delivered = await bed.seen.until(3);
    await bed.stop();
    const read = [];
    const range = { stream: 'shop', fromMs, toMs: Date.now() + 1, limit: 10 };
    for await (const record of readFollowed(bed.dataDirectory, range, LINE_LIMIT))
      read.push(record);
    expect(read).toEqual(delivered);
  });
});
