import { describe, expect, it } from 'vitest';
import { PartitionWork } from './partition-work';

/** Pieces of work whose stages end when they are told to. */
function workOf() {
  const work = new PartitionWork();
  const course: string[] = [];
  const ends = new Map<string, { resolve: () => void; reject: (error: Error) => void }>();
  const stage = async (name: string) => {
    course.push(name);
    await new Promise<void>((resolve, reject) => ends.set(name, { resolve, reject }));
  };
  const run = (name: string) => {
    const piece = work.run(
      async () => {
        await stage(`look ${name}`);
        return name;
      },
      (found) => stage(`write ${found}`),
    );
    piece.then(
      () => course.push(`done ${name}`),
      () => course.push(`failed ${name}`),
    );
    return piece;
  };
  /** Long enough for all that follows from it. */
  const pause = () => new Promise((resolve) => setTimeout(resolve, 0));
  const end = async (name: string, error?: Error) => {
    const { resolve, reject } = ends.get(name) ?? {};
    if (error) reject?.(error);
    else resolve?.();
    await pause();
  };
  return { work, course, run, end, pause };
}

describe('PartitionWork', () => {
  it('looks into a piece while the one before is written, and not further', async () => {
    const { course, run, end } = workOf();
    void run('a');
    await end('');
    await end('look a');
    expect(course).toEqual(['look a', 'write a', 'done a']);
    void run('b');
    await end('');
    await end('look b');
    expect(course.slice(3)).toEqual(['look b']);
    await end('write a');
    expect(course.slice(4)).toEqual(['write b', 'done b']);
  });

  it('keeps the order of pieces that come at once', async () => {
    const { course, run, end } = workOf();
    void run('a');
    void run('b');
    await end('');
    await end('look a');
    await end('look b');
    await end('write a');
    await end('write b');
    expect(course.filter((step) => !step.startsWith('done'))).toEqual([
      'look a',
      'write a',
      'look b',
      'write b',
    ]);
  });

  it('writes nothing after a piece that could not be written, until it begins anew', async () => {
    const { work, course, run, end } = workOf();
    void run('a');
    await end('');
    await end('look a');
    const second = run('b');
    await end('write a', new Error('away'));
    await end('look b');
    await expect(second).rejects.toThrow('away');
    expect(course).not.toContain('write b');
    await work.beginAnew();
    void run('c');
    await end('');
    await end('look c');
    expect(course).toContain('write c');
  });

  it('goes on after a piece that could not be looked into', async () => {
    const { course, run, end, work } = workOf();
    const first = run('a');
    await end('');
    await end('look a', new Error('unreadable'));
    await expect(first).rejects.toThrow('unreadable');
    void run('b');
    await end('');
    await end('look b');
    await end('write b');
    await work.settle();
    expect(course).toContain('write b');
  });
});
