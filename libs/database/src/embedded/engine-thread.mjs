// The thread of the embedded PostgreSQL: takes messages of its wire protocol and answers with what the engine says.
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';

// The engine's memory never shrinks, and what is not in its buffers comes from the system's cache of files, close by.
const SHARED_BUFFERS = '16MB';

const engine = await PGlite.create(workerData.directory, {
  startParams: [...PGlite.defaultStartParams, '-c', `shared_buffers=${SHARED_BUFFERS}`],
});
let last = Promise.resolve();

parentPort.on('message', (order) => {
  last = last.then(() => perform(order));
});

async function perform({ kind, session, bytes }) {
  if (kind === 'end') {
    await engine.close();
    parentPort.close();
  } else if (kind === 'begin') {
    // A session that broke off may have left a transaction open.
    await engine.exec('ROLLBACK');
    parentPort.postMessage({ session });
  } else {
    const answer = await answerTo(bytes);
    parentPort.postMessage({ session, bytes: answer }, [answer.buffer]);
  }
}

/** Not by `execProtocolRaw`, which reads every answer message by message and keeps them all. */
async function answerTo(bytes) {
  const parts = [];
  // Copies: the engine goes on to write where they were, and its own memory cannot be handed over.
  await engine.execProtocolRawStream(bytes, { onRawData: (part) => void parts.push(part.slice()) });
  const [first = new Uint8Array(0)] = parts;
  if (parts.length <= 1) return first;
  const answer = new Uint8Array(parts.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const part of parts) {
    answer.set(part, at);
    at += part.length;
  }
  return answer;
}
