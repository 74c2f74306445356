import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SupervisedServer } from './supervised-server';

const LONG_MS = 20_000;

/** It listens when it may, and ends by itself when it is told to. */
const PROGRAM = `
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const folder = process.env.LOGBERT__DATADIRECTORY;
const asking = setInterval(() => {
  if (!existsSync(join(folder, 'may-listen'))) return;
  clearInterval(asking);
  process.send({ type: 'listening', url: 'http://pid-' + process.pid });
}, 5);
setInterval(() => existsSync(join(folder, 'end')) && process.exit(3), 5);
`;

let folder: string;
let program: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'logbert-supervised-'));
  program = join(folder, 'program.cjs');
  await writeFile(program, PROGRAM);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function startServer({ mayListen }: { readonly mayListen: boolean }) {
  const dataDirectory = await mkdtemp(join(folder, 'data-'));
  const mark = (name: string) => join(dataDirectory, name);
  if (mayListen) await writeFile(mark('may-listen'), '');
  const options = { dataDirectory, settings: {}, logFile: mark('log') };
  const server = new SupervisedServer(options, program);
  return { server, mark, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

describe('SupervisedServer', () => {
  it('starts another process when one was killed, and tells that it struck', async () => {
    await using site = await startServer({ mayListen: true });
    const { server } = site;
    const first = await server.process();
    expect(await server.kill(LONG_MS)).toBe(true);
    expect(first.isRunning).toBe(false);
    expect((await server.process()).url).not.toBe(first.url);
    expect(server.ownEnds).toBe(0);
  });

  it('waits with a kill until there is a process', async () => {
    await using site = await startServer({ mayListen: false });
    const { server, mark } = site;
    let isOver = false;
    const killing = server.kill(LONG_MS).finally(() => (isOver = true));
    await expect.poll(() => existsSync(mark('log'))).toBe(true);
    expect(isOver).toBe(false);
    await writeFile(mark('may-listen'), '');
    expect(await killing).toBe(true);
  });

  it('strikes the next process when one has just been killed', async () => {
    await using site = await startServer({ mayListen: true });
    const { server } = site;
    await server.process();
    expect([await server.kill(LONG_MS), await server.kill(LONG_MS)]).toEqual([true, true]);
    expect((await server.process()).isRunning).toBe(true);
    expect(server.ownEnds).toBe(0);
  });

  it('tells that it did not strike when no process came in time', async () => {
    await using site = await startServer({ mayListen: false });
    const { server, mark } = site;
    expect(await server.kill(50)).toBe(false);
    await writeFile(mark('may-listen'), '');
  });

  it('tells ends of its own from those by a kill', async () => {
    await using site = await startServer({ mayListen: true });
    const { server, mark } = site;
    const first = await server.process();
    await writeFile(mark('end'), '');
    await expect.poll(() => first.isRunning).toBe(false);
    await rm(mark('end'));
    await server.process();
    expect(server.ownEnds).toBeGreaterThan(0);
    expect(first.wasKilled).toBe(false);
    expect(await first.kill()).toBe(false);
  });

  it('kills nothing once it was stopped', async () => {
    const { server } = await startServer({ mayListen: true });
    await server.process();
    await server.stop();
    expect(await server.kill(LONG_MS)).toBe(false);
  });
});
