// The thread of the embedded PostgreSQL: takes messages of its wire protocol and answers with what the engine says.
import { parentPort, workerData } from 'node:worker_threads';
import { PGlite } from '@electric-sql/pglite';

const engine = await PGlite.create(workerData.directory);
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
    const answer = await engine.execProtocolRaw(bytes);
    // A copy: the engine's own memory cannot be handed over.
    const copy = answer.slice();
    parentPort.postMessage({ session, bytes: copy }, [copy.buffer]);
  }
}
