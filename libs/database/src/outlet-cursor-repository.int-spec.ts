import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from './database';
import { openDatabase } from './open-database';

describe('the cursor of the outlets', () => {
  let directory: string;
  let database: Database;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'logbert-database-'));
    database = await openDatabase({ url: null, directory });
  });
  afterAll(async () => {
    await database.close();
    await rm(directory, { recursive: true, force: true });
  });

  it('is moved by one holder at a time, only forward', async () => {
    const { outletCursors } = database.repositories;
    expect(await outletCursors.position()).toBe(0);
    expect(await outletCursors.hold('a', 1_000, 2_000)).toBe(0);
    expect(await outletCursors.hold('b', 1_500, 2_500)).toBeUndefined();
    expect(await outletCursors.advance('b', 5)).toBe(false);
    expect(await outletCursors.advance('a', 5)).toBe(true);
    expect(await outletCursors.advance('a', 4)).toBe(false);
    expect(await outletCursors.position()).toBe(5);
    expect(await outletCursors.hold('a', 1_900, 2_900)).toBe(5);
  });

  it('goes to another holder when the time is over or the one before lets go', async () => {
    const { outletCursors } = database.repositories;
    expect(await outletCursors.hold('b', 2_901, 4_000)).toBe(5);
    expect(await outletCursors.advance('a', 6)).toBe(false);
    await outletCursors.yield('a');
    expect(await outletCursors.hold('a', 3_000, 4_000)).toBeUndefined();
    await outletCursors.yield('b');
    expect(await outletCursors.hold('a', 3_000, 4_000)).toBe(5);
  });
});
