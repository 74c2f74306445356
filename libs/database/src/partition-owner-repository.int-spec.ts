import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from './database';
import { NotOwnerFailure } from './database-failures';
import { openDatabase } from './open-database';

const url = process.env['LOGBERT_TEST_POSTGRES'];
const engines = [
  { engine: 'PGlite', url: null },
  ...(url === undefined ? [] : [{ engine: 'PostgreSQL', url }]),
];

describe.each(engines)('owners of partitions on $engine', ({ url: engineUrl }) => {
  let directory: string;
  let database: Database;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'logbert-database-'));
    database = await openDatabase({ url: engineUrl, directory: join(directory, 'database') });
  });
  afterAll(async () => {
    await database.close();
    await rm(directory, { recursive: true, force: true });
  });

  const ownerNamed = (source: string, owner: string) => ({ source, partition: 3, owner });
  const hold = (source: string, owner: string) =>
    database.transaction(({ partitionOwners }) => partitionOwners.hold(ownerNamed(source, owner)));

  it('write until somebody else has taken their partition over', async () => {
    const source = randomUUID();
    const { partitionOwners } = database.repositories;
    await expect(hold(source, 'a')).rejects.toThrow(NotOwnerFailure);
    await partitionOwners.takeOver(ownerNamed(source, 'a'), 1);
    await hold(source, 'a');
    await partitionOwners.takeOver(ownerNamed(source, 'b'), 2);
    await expect(hold(source, 'a')).rejects.toThrow(NotOwnerFailure);
    await hold(source, 'b');
  });

  it('are waited for while they write, so that who comes next sees all of it', async () => {
    const source = randomUUID();
    const { partitionOwners } = database.repositories;
    await partitionOwners.takeOver(ownerNamed(source, 'a'), 1);
    const order: string[] = [];
    let holds: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (holds = resolve));
    const writing = database.transaction(async (repositories) => {
      await repositories.partitionOwners.hold(ownerNamed(source, 'a'));
      holds();
      await sleep(100);
      order.push('written');
    });
    await held;
    const taking = partitionOwners
      .takeOver(ownerNamed(source, 'b'), 2)
      .then(() => order.push('taken over'));
    await Promise.all([writing, taking]);
    expect(order).toEqual(['written', 'taken over']);
  });
});
