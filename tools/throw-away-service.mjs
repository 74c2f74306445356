import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PARENT_CHECK_MS = 500;

/** Ports of 127.0.0.1 that nobody uses now, all different. */
export async function freePorts(count) {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((resolve, reject) => {
          const server = createServer();
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** A folder that goes with this process. */
export function temporaryDirectory(name) {
  const directory = mkdtempSync(join(tmpdir(), `${name}-`));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** Runs a command to its end; throws with what it said when it fails. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    let output = '';
    child.stdout.on('data', (bytes) => (output += bytes));
    child.stderr.on('data', (bytes) => (output += bytes));
    child.once('error', reject);
    child.once('close', (code) =>
      code === 0
        ? resolve(output)
        : reject(new Error(`${command} ${args.join(' ')} ended with ${code}:\n${output}`)),
    );
  });
}

/** Whether a command can be run at all and ends well. */
export async function succeeds(command, args, options) {
  return run(command, args, options).then(
    () => true,
    () => false,
  );
}

/**
 * Calls `stop` once, on SIGTERM, SIGINT or SIGHUP and when the process that started this one is
 * gone, and then ends this process.
 */
export function stopWithParent(stop) {
  const parent = process.ppid;
  let isStopping = false;
  const end = async (code) => {
    if (isStopping) return;
    isStopping = true;
    clearInterval(watch);
    try {
      await stop();
    } finally {
      process.exit(code);
    }
  };
  const watch = setInterval(() => {
    if (process.ppid !== parent) void end(0);
  }, PARENT_CHECK_MS);
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, () => void end(0));
  return end;
}

/** Ends a child, by force when it does not follow in time. */
export async function endChild(child, signal, withinMs) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.kill(signal);
  const force = setTimeout(() => child.kill('SIGKILL'), withinMs);
  await ended;
  clearTimeout(force);
}
