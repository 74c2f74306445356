import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configurationSchema } from '@logbert/contracts';
import { type Database, openDatabase } from '@logbert/database';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { anomalyOf } from '../testing/anomaly-of';
import { GrouperKeeper } from './grouper-keeper';

const CONFIG = configurationSchema.parse({}).incidents;

describe('GrouperKeeper', () => {
  let folder: string;
  let database: Database;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'logbert-groupers-'));
    const url = process.env['LOGBERT_TEST_POSTGRES'] ?? null;
    database = await openDatabase({ url, directory: folder });
  });
  afterAll(async () => {
    await database.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Has an anomaly wait for company. */
  const addOne = (keeper: GrouperKeeper, stream: string, id: string, isUndone = false) =>
    database
      .transaction(async ({ incidents }) => {
        const lent = await keeper.lend(stream, incidents);
        lent.grouper.add({ ...anomalyOf(id, { stream }), pValue: 0.1 }, [], randomUUID());
        await keeper.save(stream, lent, incidents, 1);
        if (isUndone) throw new Error('undone');
      })
      .catch((error: unknown) => {
        if (!isUndone) throw error;
      });
  const lend = (keeper: GrouperKeeper, stream: string) =>
    keeper.lend(stream, database.repositories.incidents);
  const waitingOf = async (keeper: GrouperKeeper, stream: string) => {
    const lent = await lend(keeper, stream);
    keeper.giveBack(stream, lent);
    const { pending } = lent.grouper.snapshot();
    return pending.flatMap(({ traces }) => traces.map(({ windowKey }) => windowKey));
  };

  it('keeps what is saved in memory and in the database alike', async () => {
    const [keeper, stream] = [new GrouperKeeper(CONFIG), randomUUID()];
    await addOne(keeper, stream, 'one');
    const read = vi.spyOn(database.repositories.incidents, 'pending');
    await addOne(keeper, stream, 'two');
    expect(await waitingOf(keeper, stream)).toEqual(['one', 'two']);
    const { grouper } = await lend(keeper, stream);
    expect(read).not.toHaveBeenCalled();
    read.mockRestore();
    expect(await waitingOf(new GrouperKeeper(CONFIG), stream)).toEqual(['one', 'two']);
    expect((await lend(keeper, stream)).grouper).not.toBe(grouper);
  });

  it('sees what another process saved meanwhile', async () => {
    const [keeper, other, stream] = [
      new GrouperKeeper(CONFIG),
      new GrouperKeeper(CONFIG),
      randomUUID(),
    ];
    await addOne(keeper, stream, 'one');
    await addOne(other, stream, 'two');
    await addOne(keeper, stream, 'three');
    expect(await waitingOf(keeper, stream)).toEqual(['one', 'two', 'three']);
  });

  it('forgets what a transaction did that came to nothing', async () => {
    const [keeper, stream] = [new GrouperKeeper(CONFIG), randomUUID()];
    await addOne(keeper, stream, 'one');
    await addOne(keeper, stream, 'never', true);
    await addOne(keeper, stream, 'two');
    expect(await waitingOf(keeper, stream)).toEqual(['one', 'two']);
  });

  it('forgets what was altered and not saved', async () => {
    const [keeper, stream] = [new GrouperKeeper(CONFIG), randomUUID()];
    await addOne(keeper, stream, 'one');
    const { grouper } = await lend(keeper, stream);
    grouper.retract(new Set([anomalyOf('one', { stream }).id]));
    expect(grouper.snapshot().pending).toEqual([]);
    expect(await waitingOf(keeper, stream)).toEqual(['one']);
  });

  it('keeps no large one', async () => {
    const [keeper, stream] = [new GrouperKeeper(CONFIG), randomUUID()];
    await addOne(keeper, stream, 'one');
    const { grouper, state } = await lend(keeper, stream);
    keeper.giveBack(stream, { grouper, state: state && { ...state, bytes: 3_000_000 } });
    expect((await lend(keeper, stream)).grouper).not.toBe(grouper);
  });
});
