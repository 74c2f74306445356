import { randomUUID } from 'node:crypto';
import { configurationSchema } from '@logbert/contracts';
import { type Database, openDatabase } from '@logbert/database';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Meters } from '../metrics/meters';
import { anomalyOf } from '../testing/anomaly-of';
import { GrouperKeeper } from './grouper-keeper';
import { IncidentChanges } from './incident-changes';
import { IncidentRecorder } from './incident-recorder';

const url = process.env['LOGBERT_TEST_POSTGRES'];
const needs = url === undefined ? ' (needs LOGBERT_TEST_POSTGRES)' : '';

describe.skipIf(url === undefined)(`a recorder among others on PostgreSQL${needs}`, () => {
  let database: Database;
  const watcher = new Client({ connectionString: url });

  beforeAll(async () => {
    await watcher.connect();
    database = await openDatabase({ url: url ?? '', directory: '' });
  });
  afterAll(async () => {
    await database.close();
    await watcher.end();
  });

  async function waiting(): Promise<number> {
    const answer = await watcher.query<{ waiting: string }>(
      `SELECT count(*) AS waiting FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`,
    );
    return Number(answer.rows[0]?.waiting);
  }

  /** Holds a stream until it is let go. */
  async function hold(stream: string) {
    let letGo: () => void = () => undefined;
    let held: () => void = () => undefined;
    const isHeld = new Promise<void>((resolve) => (held = resolve));
    const isLetGo = new Promise<void>((resolve) => (letGo = resolve));
    const done = database.transaction(async (repositories) => {
      await repositories.lockStream(stream);
      held();
      await isLetGo;
    });
    await isHeld;
    return { letGo, done };
  }

  it('waits its turn while a first model brings the templates that it has met', async () => {
    const stream = `s${randomUUID().slice(0, 8)}`;
    const template = { id: 'a'.repeat(16), template: 'order paid', service: 'shop' };
    const recorder = new IncidentRecorder(
      database,
      new GrouperKeeper(configurationSchema.parse({}).incidents),
      new IncidentChanges(),
      new Meters(),
    );
    const other = await hold(stream);
    const registered = database.transaction(async (repositories) => {
      await repositories.lockStream(stream);
      await repositories.templates.replaceOfModel(stream, [
        { id: template.id, template: template.template, count: 3, services: ['shop'] },
      ]);
    });
    await expect.poll(waiting).toBe(1);
    const recorded = recorder.record({
      stream,
      anomalies: [anomalyOf('one', { stream })],
      templateCounts: [],
      novelTemplates: [template],
    });
    await expect.poll(waiting).toBe(2);
    other.letGo();
    await Promise.all([other.done, registered, recorded]);
    const { items } = await database.repositories.templates.list({ stream, page: { limit: 9 } });
    expect(items).toMatchObject([{ id: template.id, count: 4 }]);
  });
});
