import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { MinerKeeper, TemplateMiner } from '@logbert/template-mining';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileJournal } from './file-journal';

let directory: string;
beforeEach(async () => (directory = await mkdtemp(join(tmpdir(), 'logbert-journal-'))));
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('FileJournal', () => {
  it('gives back the newest text and its records', async () => {
    const journal = new FileJournal(join(directory, 'made', 'when', 'missing'));
    expect(await journal.load()).toBeUndefined();
    await journal.replace(['one ', 'text']);
    await journal.append('a\n');
    await journal.append('ü\n');
    expect(await journal.load()).toEqual({ base: 'one text', records: 'a\nü\n' });
    await journal.replace(['another']);
    const files = await readdir(join(directory, 'made', 'when', 'missing'));
    expect(files).toEqual(['000000000002.base']);
    const again = new FileJournal(join(directory, 'made', 'when', 'missing'));
    expect(await again.load()).toEqual({ base: 'another', records: '' });
    await again.append('b\n');
    expect((await journal.load())?.records).toBe('b\n');
  });

  it('keeps the old text when writing the new one fails or the program ends meanwhile', async () => {
    const journal = new FileJournal(directory);
    await journal.replace(['old']);
    await journal.append('record\n');
    function* failing(): Generator<string> {
      yield 'new';
      throw new Error('no more');
    }
    await expect(journal.replace(failing())).rejects.toThrow();
    const after = new FileJournal(directory);
    expect(await after.load()).toEqual({ base: 'old', records: 'record\n' });
    await after.replace(['newest']);
    expect(await new FileJournal(directory).load()).toEqual({ base: 'newest', records: '' });
  });

  it('takes the new generation when the old one was not removed any more', async () => {
    const journal = new FileJournal(directory);
    await journal.replace(['old']);
    await journal.append('old record\n');
    await writeFile(join(directory, '000000000002.base'), 'new');
    const after = new FileJournal(directory);
    expect(await after.load()).toEqual({ base: 'new', records: '' });
    await after.replace(['newer']);
    expect(await readdir(directory)).toEqual(['000000000003.base']);
  });
});

/** Lines of 200 kinds with numbers in them, the same at every call. */
function variedLines(count: number): readonly string[] {
  let state = 7;
  const next = (below: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return ((state >>> 8) * below) >>> 24;
  };
  const word = (value: number): string => value.toString(36).replace(/\d/g, 'z');
  return Array.from({ length: count }, () => {
    const kind = next(200);
    const words = Array.from({ length: 3 + (kind % 9) }, (_, at) => word(kind * 31 + at * 977));
    return `${words.join(' ')} took ${next(9_000)} ms for 10.0.${next(250)}.${next(250)}`;
  });
}

describe('a miner kept in files', () => {
  const open = (): Promise<MinerKeeper> =>
    MinerKeeper.open(
      new FileJournal(directory),
      () => new TemplateMiner({ engine: 'drain', maxClusters: 1_000 }),
    );

  it('goes on after every restart as if there had been none', async () => {
    const uninterrupted = new TemplateMiner({ engine: 'drain', maxClusters: 1_000 });
    const lines = variedLines(5_000);
    for (let from = 0; from < lines.length; from += 500) {
      const keeper = await open();
      for (const [index, line] of lines.slice(from, from + 500).entries()) {
        expect(keeper.miner.learn(line)).toEqual(uninterrupted.learn(line));
        if (index % 100 === 99) await keeper.save();
      }
    }
    expect((await open()).miner.snapshot()).toEqual(uninterrupted.snapshot());
  });

  it('learns about as fast as one that is not', { timeout: 300_000 }, async () => {
    const lines = variedLines(200_000);
    const plain = new TemplateMiner({ engine: 'drain', maxClusters: 1_000 });
    const run = async (keeper: MinerKeeper | undefined): Promise<number> => {
      const miner = keeper?.miner ?? plain;
      const saves: Promise<unknown>[] = [];
      const startedAt = performance.now();
      for (let from = 0; from < lines.length; from += 2_000) {
        for (let index = from; index < from + 2_000; index++) miner.learn(lines[index] as string);
        if (keeper && from % 50_000 === 0) saves.push(keeper.save());
        await turn();
      }
      await Promise.all(saves);
      return performance.now() - startedAt;
    };
    const keeper = await open();
    await run(keeper);
    await run(undefined);
    const [kept, free]: [number[], number[]] = [[], []];
    for (let round = 0; round < 5; round++) {
      kept.push(await run(keeper));
      free.push(await run(undefined));
    }
    const median = (values: number[]): number => values.sort((a, b) => a - b)[2] as number;
    const ratio = median(kept) / median(free);
    const rate = Math.round(lines.length / (median(free) / 1_000));
    console.info(`kept / not kept: ${ratio.toFixed(3)} (median of 5 each, ${rate} lines/s)`);
    expect(kept.length).toBe(5);
  });
});
