#!/usr/bin/env node
// Starts a throw-away PostgreSQL server and prints `LOGBERT_TEST_POSTGRES=<url>` when it takes
// connections. It ends, and its data goes, with the process that started it or on SIGTERM.
// On SIGUSR2 it stops at once, without a word to its clients, starts again on its data, and prints the line once more.
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  endChild,
  freePorts,
  run,
  stopWithParent,
  succeeds,
  temporaryDirectory,
} from './throw-away-service.mjs';

const START_WITHIN_MS = 30_000;
const USER = 'logbert';

const binaries = findBinaries();
if (binaries === undefined) {
  console.error('No PostgreSQL server is installed (looked on PATH and in /usr/lib/postgresql).');
  process.exit(1);
}
const account = unprivilegedAccount();
const directory = temporaryDirectory('logbert-postgres');
if (account.uid !== undefined) chownSync(directory, account.uid, account.gid);
const data = join(directory, 'data');
const options = { ...account, cwd: directory };

await run(
  join(binaries, 'initdb'),
  ['-D', data, '-U', USER, '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
  options,
);
const [port] = await freePorts(1);
let said = '';
let server = start();
const end = stopWithParent(() => endChild(server, 'SIGINT', 10_000));
await tellWhenReady();
process.on('SIGUSR2', () => void restart());

function start() {
  const started = spawn(
    join(binaries, 'postgres'),
    // A server of a test has nothing to keep through a power cut.
    ['-D', data, '-h', '127.0.0.1', '-p', `${port}`, '-k', directory, '-c', 'fsync=off'],
    { ...options, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  started.stderr.on('data', (bytes) => (said = `${said}${bytes}`.slice(-8_000)));
  started.once('close', (code) => {
    console.error(`PostgreSQL ended with ${code}:\n${said}`);
    void end(1);
  });
  return started;
}

async function restart() {
  server.removeAllListeners('close');
  await endChild(server, 'SIGQUIT', 10_000);
  server = start();
  await tellWhenReady();
}

async function tellWhenReady() {
  const deadline = Date.now() + START_WITHIN_MS;
  const isReady = () =>
    succeeds(join(binaries, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', `${port}`]);
  while (!(await isReady())) {
    if (Date.now() > deadline) {
      console.error(`PostgreSQL was not ready within ${START_WITHIN_MS / 1_000} s:\n${said}`);
      await end(1);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  console.log(`LOGBERT_TEST_POSTGRES=postgres://${USER}@127.0.0.1:${port}/postgres`);
}

/** The newest installation that has a server. */
function findBinaries() {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian) : [];
  const folders = [
    ...versions
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => join(debian, version, 'bin')),
    ...(process.env.PATH ?? '').split(':'),
  ];
  return folders.find((folder) => folder !== '' && existsSync(join(folder, 'initdb')));
}

/** PostgreSQL refuses to run as root; its own account, or that of nobody, will do. */
function unprivilegedAccount() {
  if (process.getuid?.() !== 0) return {};
  for (const name of ['postgres', 'nobody']) {
    try {
      const id = (flag) => Number(execFileSync('id', [flag, name], { stdio: 'pipe' }));
      return { uid: id('-u'), gid: id('-g') };
    } catch {
      continue;
    }
  }
  throw new Error('PostgreSQL cannot run as root, and there is no account "postgres" or "nobody".');
}
