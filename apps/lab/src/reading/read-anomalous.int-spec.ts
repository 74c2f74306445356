import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../reporting/options';
import { readAnomalous } from './read-anomalous';
import { readSequences } from './read-sequences';

let folder: string;
let file: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lab-sequences-'));
  file = join(folder, 'traces.csv');
  writeFileSync(file, 'trace,label,keys\na,scan,1 2\nb,probe,3\nc,normal,1\n');
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

describe('readSequences', () => {
  it('takes the rows of a value', () => {
    expect(readSequences(`${file}?label=normal`)).toEqual([{ id: 'c', keys: ['1'] }]);
  });

  it.each([
    ['a column that there is not', '?kind=scan'],
    ['a value that no row has', '?label=worm'],
  ])('refuses %s', (_case, filter) => {
    expect(() => readSequences(`${file}${filter}`)).toThrow(UsageError);
  });
});

describe('readAnomalous', () => {
  const kinds = (...sources: string[]): string[] => readAnomalous(sources).map(({ kind }) => kind);

  it('names a kind by the value of its rows, and else by its file', () => {
    expect(kinds(`${file}?label=scan`, `${file}?label=probe`)).toEqual(['scan', 'probe']);
    expect(kinds(file)).toEqual(['traces', 'traces', 'traces']);
  });

  it('takes a name that stands before the file', () => {
    expect(kinds(`slow scan=${file}?label=scan`, `other=${file}?label=probe`)).toEqual([
      'slow scan',
      'other',
    ]);
  });

  it('makes one kind of sources with one name', () => {
    expect(kinds(`attack=${file}?label=scan`, `attack=${file}?label=probe`)).toEqual([
      'attack',
      'attack',
    ]);
  });

  it('tells equal ids of two kinds apart', () => {
    const ids = readAnomalous([`one=${file}`, `two=${file}`]).map(({ id }) => id);
    expect(new Set(ids).size).toBe(6);
  });
});
