import { appendFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Mark, Marks, readMarks } from './marks';

const mark = (endLine: number): Mark => ({
  endLine,
  endByte: 10 * endLine,
  atMs: 1_000 + endLine,
  modifiedMs: 0.5,
  anchor: { bytes: 3, checksum: 4_000_000_000 },
});

describe('Marks', () => {
  let directory: string;
  let file: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'logbert-marks-'));
    file = join(directory, 'marks');
  });
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const write = async (...endLines: number[]) => {
    const marks = await Marks.open(file, 0);
    for (const endLine of endLines) await marks.append(mark(endLine));
    await marks.close();
  };

  it('says when each line was delivered first, and where a line before it is', async () => {
    await write(5, 9);
    const marks = await Marks.open(file, 0);
    expect([0, 4, 5, 8, 9].map((line) => marks.timeOf(line))).toEqual([
      1_005,
      1_005,
      1_009,
      1_009,
      undefined,
    ]);
    expect([4, 5, 8, 9].map((line) => marks.before(line))).toEqual([
      undefined,
      mark(5),
      mark(5),
      mark(9),
    ]);
    expect(marks.endLine).toBe(9);
    await marks.close();
  });

  it('cuts off what a crash left of the last one', async () => {
    await write(5, 9);
    await appendFile(file, 'torn');
    await write(12);
    expect(await readMarks(file)).toEqual([5, 9, 12].map(mark));
  });

  it('recalls what it let go of', async () => {
    await write(5, 9, 12, 20);
    const marks = await Marks.open(file, 12);
    marks.forgetBefore(20);
    expect(marks.before(9)).toBeUndefined();
    await marks.recall(9);
    expect(marks.before(9)).toEqual(mark(9));
    await marks.close();
  });

  it('drops the older half when the file is large, and knows where the rest begins', async () => {
    const marks = await Marks.open(file, 0, 1_000);
    for (let endLine = 1; endLine <= 30; endLine++) await marks.append(mark(endLine));
    await marks.close();
    expect((await stat(file)).size).toBeLessThanOrEqual(1_000);
    const [first, second] = await readMarks(file);
    expect(first).toMatchObject({ atMs: -Infinity });
    expect(second).toEqual(mark((first?.endLine ?? 0) + 1));
    const again = await Marks.open(file, 30);
    expect(again.last).toEqual(mark(30));
    await again.close();
  });
});
