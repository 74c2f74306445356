import { describe, expect, it } from 'vitest';
import { DetectorTurns } from './detector-turns';

describe('DetectorTurns', () => {
  let nowMs = 0;
  let passes = 0;
  const begin = () => {
    const turns = new DetectorTurns(
      () => passes++,
      () => nowMs,
    );
    const course: string[] = [];
    /** A piece of so many parts of ten milliseconds each, which lets others in between them. */
    const piece = (partition: string, name: string, parts = 1) =>
      turns.run(partition, async () => {
        for (let part = 1; part <= parts; part++) {
          course.push(`${name}${part}`);
          nowMs += 10;
          if (part < parts && turns.isLong && (await turns.isWanted())) await turns.pass();
        }
      });
    return { turns, course, piece };
  };

  it('lets the others in when a turn is long, each in its order', async () => {
    const { course, piece } = begin();
    passes = 0;
    const pieces = [piece('a', 'a', 3), piece('a', 'A', 2), piece('b', 'b', 2), piece('c', 'c')];
    await Promise.all(pieces);
    expect(course).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'A1', 'A2']);
    expect(passes).toBe(3);
  });

  it('hears of what comes while it is at work', async () => {
    const { course, piece } = begin();
    const long = piece('a', 'a', 3);
    setImmediate(() => void piece('b', 'b'));
    await long;
    expect(course).toEqual(['a1', 'b1', 'a2', 'a3']);
  });

  it('tells how long the others took', async () => {
    const { turns, piece } = begin();
    let tookMs = 0;
    const patient = turns.run('a', async () => {
      await turns.isWanted();
      tookMs = await turns.pass();
    });
    // The other one lets it in after its first part.
    await Promise.all([patient, piece('b', 'b', 2)]);
    expect(tookMs).toBe(10);
  });

  it('goes on where nobody waits, and its turn begins anew', async () => {
    const { turns, course, piece } = begin();
    const alone = turns.run('a', async () => {
      nowMs += 10;
      expect(turns.isLong).toBe(true);
      expect(await turns.isWanted()).toBe(false);
      expect(turns.isLong).toBe(false);
    });
    await alone;
    await piece('a', 'a');
    expect(course).toEqual(['a1']);
  });

  it('is not held up by a piece that fails', async () => {
    const { turns, course, piece } = begin();
    const failing = turns.run('a', () => Promise.reject(new Error('no')));
    await Promise.all([failing, piece('a', 'a'), piece('b', 'b')]);
    expect(course).toHaveLength(2);
  });
});
