import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVENT_ID_HEADER } from '@logbert/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Outlet } from './outlet';

describe('Outlet', () => {
  let directory: string;
  beforeEach(async () => void (directory = await mkdtemp(join(tmpdir(), 'logbert-outlet-'))));
  afterEach(() => rm(directory, { recursive: true, force: true }));

  const messages = (...eventIds: number[]) =>
    eventIds.map((eventId) => ({
      key: 'shop',
      value: JSON.stringify({ id: `a${eventId}`, eventId }),
      headers: { [EVENT_ID_HEADER]: String(eventId) },
    }));
  const lines = async () =>
    (await readFile(join(directory, 'anomalies.ndjson'), 'utf8')).trimEnd().split('\n');
  const publish = async (...eventIds: number[]) => {
    const outlet = new Outlet(directory);
    await outlet.publish('anomalies', messages(...eventIds));
    await outlet.close();
  };

  it('does not write again what a process wrote that died before it could say so', async () => {
    await publish(1, 2, 3);
    await publish(2, 3, 4);
    expect(await lines()).toEqual(messages(1, 2, 3, 4).map(({ value }) => value));
  });

  it('cuts off the line in which a process died', async () => {
    await publish(1, 2);
    await appendFile(join(directory, 'anomalies.ndjson'), '{"id":"a3","eve');
    await publish(3);
    expect(await lines()).toEqual(messages(1, 2, 3).map(({ value }) => value));
  });

  it('writes what has no event id as often as it comes', async () => {
    const outlet = new Outlet(directory);
    await outlet.publish('anomalies', [{ key: 'shop', value: 'x' }]);
    await outlet.publish('anomalies', [{ key: 'shop', value: 'x' }]);
    await outlet.close();
    expect(await lines()).toEqual(['x', 'x']);
  });
});
