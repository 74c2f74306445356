import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../reporting/options';
import { readLabelLists, readLabels } from './read-labels';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lab-labels-'));
  writeFileSync(join(folder, 'labels.csv'), 'id,seen,Label\na,1,Normal\nb,2,Anomaly\nc,3,0\n');
  writeFileSync(join(folder, 'normal.csv.gz'), gzipSync('a,5 3 5\nb,5\n'));
  writeFileSync(join(folder, 'more.csv'), 'id,keys\nc,5\n');
  writeFileSync(join(folder, 'odd.csv'), 'd,5 5\n');
  writeFileSync(join(folder, 'kinds.csv'), 'id,kind\ne,fault\nf,usual\n');
});

afterAll(() => {
  rmSync(folder, { recursive: true });
});

const path = (name: string): string => join(folder, name);

describe('readLabels', () => {
  it('reads the column "label" whatever its place and case', () => {
    expect([...readLabels(path('labels.csv'))]).toEqual([
      ['a', false],
      ['b', true],
      ['c', false],
    ]);
  });

  it('refuses a file without such a column', () => {
    expect(() => readLabels(path('odd.csv'))).toThrow(UsageError);
  });
});

describe('readLabelLists', () => {
  it('reads several lists, packed or not, with a header or without', () => {
    const labels = readLabelLists([path('normal.csv.gz'), path('more.csv')], [path('odd.csv')]);
    expect([...'abcd'].map((key) => labels.get(key))).toEqual([false, false, false, true]);
  });

  it('takes the rows of a value', () => {
    const kinds = path('kinds.csv');
    const labels = readLabelLists([`${kinds}?kind=usual`], [`${kinds}?kind=fault`]);
    expect([...labels]).toEqual([
      ['f', false],
      ['e', true],
    ]);
  });

  it('refuses a session that is in lists of both kinds', () => {
    expect(() => readLabelLists([path('odd.csv')], [path('odd.csv')])).toThrow('session d');
  });
});
