#!/usr/bin/env node
// Shows the dead letters of a running server, or has them sent again once what was wrong is mended.
//   node tools/dead-letters.mjs list   [--limit N] [--url http://127.0.0.1:3000]
//   node tools/dead-letters.mjs replay [ID…] [--reason BEGINNING] [--stream NAME] [--url …]
// Without ids, all that were not sent again yet. The API key, where one is needed, is in LOGBERT_API_KEY.
import { URLSearchParams } from 'node:url';
import { parseArgs } from 'node:util';

const USAGE =
  'usage: dead-letters.mjs list [--limit N] [--url URL]\n' +
  '       dead-letters.mjs replay [ID…] [--reason BEGINNING] [--stream NAME] [--url URL]';

const { positionals, values } = readArguments();
const [command, ...ids] = positionals;
try {
  if (command === 'list' && ids.length === 0) await list();
  else if (command === 'replay') await replay();
  else fail(USAGE, 2);
} catch (error) {
  fail(error.cause?.message ?? error.message, 1);
}

async function list() {
  const limit = Number(values.limit);
  let cursor = null;
  let left = limit;
  do {
    const query = new URLSearchParams({ limit: String(Math.min(left, 200)) });
    if (cursor !== null) query.set('cursor', cursor);
    const page = await ask(`/api/v1/dead-letters?${query}`);
    if (left === limit) {
      console.log(`${page.total} dead letters`);
      for (const { code, letters } of page.reasons?.byCode ?? []) {
        console.log(`  ${String(letters).padStart(8)}  ${code}`);
      }
    }
    for (const { id, stream, origin, reason, replayedAt, text } of page.items) {
      const place = origin === null ? '' : `${origin.topic}/${origin.partition}@${origin.offset}`;
      const again =
        replayedAt === null ? '' : `  (sent again ${new Date(replayedAt).toISOString()})`;
      console.log(`${id}  ${stream}  ${place}  ${reason}${again}\n    ${text.slice(0, 160)}`);
    }
    left -= page.items.length;
    cursor = page.nextCursor;
  } while (cursor !== null && left > 0);
}

async function replay() {
  const { reason, stream } = values;
  const { replayed, skipped } = await ask('/api/v1/dead-letters/replay', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      ...(ids.length === 0 ? {} : { ids }),
      ...(reason === undefined ? {} : { reason }),
      ...(stream === undefined ? {} : { stream }),
    }),
  });
  console.log(`${replayed} sent again, ${skipped} not`);
}

async function ask(path, options = {}) {
  const key = process.env.LOGBERT_API_KEY;
  const headers = { ...options.headers, ...(key ? { authorization: `Bearer ${key}` } : {}) };
  const response = await fetch(new URL(path, values.url), { ...options, headers });
  const answer = await response.json();
  if (!response.ok) throw new Error(`${response.status}: ${answer.detail ?? answer.title}`);
  return answer;
}

function readArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        url: { type: 'string', default: 'http://127.0.0.1:3000' },
        limit: { type: 'string', default: '50' },
        reason: { type: 'string' },
        stream: { type: 'string' },
      },
    });
  } catch (error) {
    return fail(`${error.message}\n${USAGE}`, 2);
  }
}

function fail(message, code) {
  console.error(message);
  process.exit(code);
}
