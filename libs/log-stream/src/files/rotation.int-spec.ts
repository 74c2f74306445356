import { copyFile, open, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FollowerTestBed } from './follower-test-bed';

describe('a followed file that is rotated', () => {
  let bed: FollowerTestBed;

  beforeEach(async () => {
    bed = await FollowerTestBed.create(10_000);
  });
  afterEach(() => bed.dispose());

  /** As logrotate does it: each rotated file becomes one older, and a new file may take the place. */
  const rotate = async (files: number) => {
    for (let age = files; age > 1; age--) {
      await rename(bed.log(`app.log.${age - 1}`), bed.log(`app.log.${age}`)).catch(() => undefined);
    }
    await rename(bed.log(), bed.log('app.log.1'));
  };
  const copyAndTruncate = async () => {
    await copyFile(bed.log(), bed.log('app.log.1'));
    await truncate(bed.log());
  };
  const commit = async (count: number) => {
    bed.release((await bed.seen.until(count)).at(-1));
  };

  it('is read to its end under its new name, and then the new file', async () => {
    await bed.write('one\n');
    await bed.follow();
    expect(await bed.lines(1)).toEqual(['one']);
    await bed.write('two\n');
    await rotate(1);
    await bed.write('three\n');
    await bed.write('late\n', 'app.log.1');
    await bed.write('four\n');
    expect(await bed.lines(5)).toEqual(['one', 'two', 'late', 'three', 'four']);
    const offsets = (await bed.seen.until(5)).map(({ offset }) => offset);
    expect(offsets).toEqual([0, 1, 2, 3, 4]);
    expect(bed.notices).toEqual([]);
  });

  it('gives what was not dealt with before a restart, from the middle of what was handed on at once', async () => {
    await bed.write('one\ntwo\nthree\n');
    await bed.follow();
    const [first] = await bed.seen.until(3);
    bed.release(first);
    await rotate(1);
    await bed.write('four\n');
    await bed.lines(4);
    await bed.stop();
    await bed.follow();
    expect(await bed.lines(3)).toEqual(['two', 'three', 'four']);
    expect((await bed.seen.until(3)).map(({ offset }) => offset)).toEqual([1, 2, 3]);
  });

  it('is read to its end when it has no name any more', async () => {
    await bed.write('one\n');
    await bed.follow();
    await bed.lines(1);
    await bed.write('two\n');
    await rm(bed.log());
    await bed.write('three\n');
    expect(await bed.lines(3)).toEqual(['one', 'two', 'three']);
  });

  it('gives its unfinished last line when it was left', async () => {
    await bed.write('one\nunfini');
    await bed.follow();
    expect(await bed.lines(1)).toEqual(['one']);
    await bed.write('shed');
    await rotate(1);
    await bed.write('two\n');
    expect(await bed.lines(3)).toEqual(['one', 'unfinished', 'two']);
  });

  it('gives lines that its writer adds long after the new file was begun', async () => {
    await bed.write('one\n');
    const writer = await open(bed.log(), 'a');
    await bed.follow();
    await bed.lines(1);
    await rotate(1);
    await bed.write('two\n');
    expect(await bed.lines(2)).toEqual(['one', 'two']);
    await writer.write('late\n');
    await writer.close();
    expect(await bed.lines(3)).toEqual(['one', 'two', 'late']);
    await bed.write('three\n');
    expect(await bed.lines(4)).toEqual(['one', 'two', 'late', 'three']);
    expect(bed.notices).toEqual([]);
  });

  it('is read on in the copy that was made before it was emptied', async () => {
    await bed.write('one\n');
    await bed.follow();
    expect(await bed.lines(1)).toEqual(['one']);
    await bed.write('two\n');
    await copyAndTruncate();
    await bed.write('three, longer than everything in the file before\n');
    expect((await bed.lines(3)).slice(1)).toEqual([
      'two',
      'three, longer than everything in the file before',
    ]);
    expect(bed.notices).toEqual([]);
  });

  it('is told from another one of the same size that took its place', async () => {
    await bed.write('one\n');
    await bed.follow();
    await commit(1);
    await writeFile(bed.log(), 'two\n');
    expect(await bed.lines(2)).toEqual(['one', 'two']);
  });

  it('goes on after holes that a writer leaves in an emptied file', async () => {
    await bed.write('one\n');
    await bed.follow();
    await bed.lines(1);
    await truncate(bed.log());
    await writeFile(bed.log(), Buffer.concat([Buffer.alloc(5_000), Buffer.from('two\n')]));
    expect(await bed.lines(2)).toEqual(['one', 'two']);
  });

  it('is found by its content and its number after rotations that nobody saw', async () => {
    await bed.write('one\n');
    await bed.follow();
    await commit(1);
    await bed.stop();
    await bed.write('two\n');
    for (const line of ['three', 'four', 'five']) {
      await rotate(5);
      await bed.write(`${line}\n`);
    }
    await bed.follow();
    expect(await bed.lines(4)).toEqual(['two', 'three', 'four', 'five']);
    await bed.write('six\n');
    expect(await bed.lines(5)).toEqual(['two', 'three', 'four', 'five', 'six']);
    expect((await bed.seen.until(5)).map(({ offset }) => offset)).toEqual([1, 2, 3, 4, 5]);
    expect(bed.notices).toEqual([]);
  });

  it('is found in its copy after it was emptied while nobody looked', async () => {
    await bed.write('one\n');
    await bed.follow();
    await commit(1);
    await bed.stop();
    await bed.write('two\n');
    await copyAndTruncate();
    await bed.write('three\nfour\n');
    await bed.follow();
    expect(await bed.lines(3)).toEqual(['two', 'three', 'four']);
    expect(bed.notices).toEqual([]);
  });

  it('is found in its copies when nothing of it had been read before it was emptied', async () => {
    await bed.write('');
    await bed.follow({ from: 'end' });
    await bed.stop();
    await bed.write('one\n');
    await copyAndTruncate();
    await rename(bed.log('app.log.1'), bed.log('app.log.2'));
    await bed.write('two\n');
    await copyAndTruncate();
    await bed.write('three\n');
    await bed.follow({ from: 'end' });
    expect(await bed.lines(3)).toEqual(['one', 'two', 'three']);
    expect((await bed.seen.until(3)).map(({ offset }) => offset)).toEqual([0, 1, 2]);
    expect(bed.notices).toEqual([]);
  });

  it('is read itself where it was copied before anything of it had been read, and not emptied', async () => {
    await bed.write('');
    await bed.follow();
    await bed.stop();
    await bed.write('one\n');
    await copyFile(bed.log(), bed.log('app.log.1'));
    await bed.write('two\n');
    await bed.follow();
    expect(await bed.lines(2)).toEqual(['one', 'two']);
    await bed.write('three\n');
    expect(await bed.lines(3)).toEqual(['one', 'two', 'three']);
  });

  it('is read to its end when it is renamed after it was copied and emptied unread', async () => {
    await bed.write('');
    await bed.follow();
    await bed.stop();
    await bed.write('one\n');
    await copyAndTruncate();
    await bed.write('two\n');
    await bed.follow();
    await bed.lines(1);
    await rotate(2);
    await bed.write('three\n');
    expect(await bed.lines(3)).toEqual(['one', 'two', 'three']);
  });

  it('delivers again from a file that was rotated, at the same places and times', async () => {
    await bed.write('one\ntwo\n');
    await bed.follow();
    await bed.lines(2);
    await rotate(1);
    await bed.write('three\n');
    const before = await bed.seen.until(3);
    await bed.stop();
    await bed.follow();
    expect(await bed.seen.until(3)).toEqual(before);
  });

  it('says how much is gone when a file was removed with lines to read', async () => {
    await bed.write('one\ntwo\nthree\n');
    await bed.follow();
    const [first] = await bed.seen.until(3);
    bed.release(first);
    await bed.stop();
    await rm(bed.log());
    await bed.write('four\n');
    await bed.follow();
    expect(await bed.lines(1)).toEqual(['four']);
    expect((await bed.seen.until(1))[0]?.offset).toBe(3);
    expect(await bed.notice('lines-gone')).toMatchObject({ path: bed.log(), lines: 2 });
  });

  it('does not take packed files, files of other logs and files read before for rotated ones', async () => {
    const one = `one ${'x'.repeat(2_000)}`;
    await bed.write(`${one}\n`);
    await bed.follow();
    await commit(1);
    await bed.stop();
    await rotate(1);
    await bed.write('packed\n', 'app.log.2.gz');
    await bed.write('other\n', 'app-2.log');
    await copyFile(bed.log('app.log.1'), bed.log('app.log.3'));
    await bed.write('two\n');
    await bed.follow();
    expect(await bed.lines(1)).toEqual(['two']);
    await bed.write('three\n');
    expect(await bed.lines(2)).toEqual(['two', 'three']);
  });

  it('is not taken for one that was read because it begins as that did', async () => {
    await bed.write('started\n');
    await bed.follow();
    await commit(1);
    await bed.stop();
    await rotate(3);
    await bed.write('started\nfailed\n');
    await rotate(3);
    await bed.write('started\n');
    await bed.follow();
    expect(await bed.lines(3)).toEqual(['started', 'failed', 'started']);
  });

  it('is waited for while its folder is away', async () => {
    await bed.write('one\n');
    await bed.follow();
    await commit(1);
    await bed.stop();
    await rename(bed.log('.'), `${bed.dataDirectory}/away`);
    await bed.follow();
    expect(await bed.notice('file-unreadable')).toMatchObject({ path: bed.log() });
    await rename(`${bed.dataDirectory}/away`, bed.log('.'));
    await bed.write('two\n');
    expect(await bed.lines(1)).toEqual(['two']);
    expect((await bed.seen.until(1))[0]?.offset).toBe(1);
    expect(await bed.notice('file-readable')).toMatchObject({ path: bed.log() });
  });
});
