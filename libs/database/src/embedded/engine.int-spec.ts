import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Engine } from './engine';

const MEBIBYTE = 2 ** 20;

describe('Engine', () => {
  let directory: string;
  let engine: Engine;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'logbert-engine-'));
    engine = new Engine(join(directory, 'database'));
  });

  afterEach(async () => {
    await engine.close();
    await rm(directory, { recursive: true, force: true });
  });

  async function connected(): Promise<{ client: Client; breakOff: () => void }> {
    const socket = engine.socket();
    const client = new Client({ stream: () => socket });
    client.on('error', () => undefined);
    await client.connect();
    return { client, breakOff: () => socket.destroy() };
  }

  it('takes back what a session that broke off had begun', async () => {
    const { client, breakOff } = await connected();
    await client.query('CREATE TABLE lines (id int)');
    await client.query('BEGIN');
    await client.query('INSERT INTO lines VALUES (1)');
    breakOff();

    const { client: next } = await connected();
    expect((await next.query('SELECT * FROM lines')).rows).toEqual([]);
    await next.end();
  });

  it('keeps what was committed over a close', async () => {
    const { client } = await connected();
    await client.query('CREATE TABLE lines (id int, bytes bytea)');
    await client.query('INSERT INTO lines VALUES ($1, $2)', [1, Buffer.alloc(1_000_000, 7)]);
    await client.end();
    await engine.close();

    const { client: next } = await connected();
    const { rows } = await next.query('SELECT id, length(bytes) AS size FROM lines');
    expect(rows).toEqual([{ id: 1, size: 1_000_000 }]);
    await next.end();
  });

  it('keeps nothing of its answers', async () => {
    const { client } = await connected();
    const ask = async (times: number): Promise<void> => {
      for (let round = 0; round < times; round++) {
        const { rows } = await client.query("SELECT repeat('x', $1) AS text", [MEBIBYTE]);
        expect(rows).toHaveLength(1);
      }
    };
    await ask(20);
    const before = process.memoryUsage().rss;
    await ask(300);
    expect((process.memoryUsage().rss - before) / MEBIBYTE).toBeLessThan(200);
    await client.end();
  });

  it('goes on in the same session after a statement that is wrong', async () => {
    const { client } = await connected();
    await expect(client.query('SELECT * FROM nothing WHERE id = $1', [1])).rejects.toMatchObject({
      code: '42P01',
    });
    expect((await client.query('SELECT $1::int AS one', [1])).rows).toEqual([{ one: 1 }]);
    await client.end();
  });

  it('says why it cannot be opened, and can be asked again', async () => {
    const place = join(directory, 'file');
    await writeFile(place, 'no directory');
    const broken = new Engine(place);
    for (let attempt = 0; attempt < 2; attempt++) {
      const client = new Client({ stream: () => broken.socket() });
      client.on('error', () => undefined);
      await expect(client.connect()).rejects.toThrow(/the embedded database ended/);
    }
    await broken.close();
  });
});
