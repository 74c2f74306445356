#!/usr/bin/env node
// Starts the built server on an empty data directory and checks the OpenAPI document it serves with
// openapi-spec-validator; skipped where that is not installed or nothing is built. The last line is
// "N passed, N failed, N skipped".
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { endChild, freePorts, temporaryDirectory } from './throw-away-service.mjs';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const PROGRAM = join(ROOT, 'dist/apps/api/main.js');
const VALIDATOR = 'openapi-spec-validator';
const START_WITHIN_MS = 60_000;

if (!existsSync(PROGRAM)) finish('skipped', 'the server is not built');
if (spawnSync(VALIDATOR, ['--help']).error) finish('skipped', `${VALIDATOR} is not installed`);

const directory = temporaryDirectory('logbert-openapi');
const [port] = await freePorts(1);
const server = spawn(process.execPath, [PROGRAM], {
  cwd: ROOT,
  env: {
    ...process.env,
    LOGBERT_PROFILE: 'embedded',
    LOGBERT__SERVER__PORT: `${port}`,
    LOGBERT__DATADIRECTORY: directory,
    LOGBERT__DEMO: 'false',
  },
  stdio: ['ignore', 'ignore', 'inherit'],
});
try {
  const text = await fetchDocument();
  const file = join(directory, 'openapi.json');
  writeFileSync(file, text);
  const { status, stdout, stderr } = spawnSync(VALIDATOR, [file], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${stdout}${stderr}`.trim());
  const operations = Object.values(JSON.parse(text).paths).flatMap((path) => Object.keys(path));
  if (operations.length === 0) throw new Error('the document names no operation');
  await endChild(server, 'SIGTERM', 20_000);
  finish('passed', `${operations.length} operations`);
} catch (error) {
  await endChild(server, 'SIGTERM', 20_000);
  finish('failed', error.message);
}

async function fetchDocument() {
  const deadline = Date.now() + START_WITHIN_MS;
  while (Date.now() < deadline && server.exitCode === null) {
    const answer = await fetch(`http://127.0.0.1:${port}/api/docs-json`).catch(() => undefined);
    if (answer?.ok) return answer.text();
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('the server served no document in time');
}

function finish(outcome, reason) {
  console.log(`${outcome.padEnd(8)} OpenAPI document: ${reason}`);
  const count = (one) => (outcome === one ? 1 : 0);
  console.log(`${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped`);
  process.exit(outcome === 'failed' ? 1 : 0);
}
