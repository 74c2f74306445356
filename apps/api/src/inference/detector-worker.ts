import { availableParallelism } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { Failure } from '@logbert/failure';
import { openGraph } from '@logbert/graph-runner';
import { DetectorTurns } from './detector-turns';
import {
  AT_WORK,
  type DetectorReply,
  type DetectorRequest,
  type DetectorThreadSettings,
} from './detector-protocol';
import { keyOf, PartitionDetectors } from './partition-detectors';

const port = parentPort;
if (!port) throw new Error('detector-worker runs as a worker thread only');

const { detection, sessionsByTime } = workerData as DetectorThreadSettings;
/** Detector threads share all cores but one, which the rest of the program has: threads that wait for a core hold up the others. */
const threads = Math.max(1, Math.floor((availableParallelism() - 1) / detection.workers));
const SAY_AT_WORK_EVERY_MS = 1_000;
let saidAtMs = 0;
const turns = new DetectorTurns(() => {
  if (performance.now() - saidAtMs < SAY_AT_WORK_EVERY_MS) return;
  saidAtMs = performance.now();
  port.postMessage(AT_WORK);
});
const detectors = new PartitionDetectors(detection, openGraph, {
  ...{ now: Date.now, sessionsByTime, threads, turn: turns },
});
/** What is said of streams is not of one partition. Whoever sends lines of a stream waits until it was taken in. */
const STREAMS = '';

port.on('message', (request: DetectorRequest) => {
  const { order } = request;
  const name = 'partition' in order ? keyOf(order.partition) : STREAMS;
  void turns.run(name, async () => {
    const reply = answer(request).then(tell);
    // The state is taken at once, and packed while later orders are obeyed.
    if (order.type !== 'snapshot') await reply;
  });
});

/** Somebody waits for the answer for as long as the thread lives, also for one that cannot be handed over. */
function tell(reply: DetectorReply): void {
  try {
    port?.postMessage(reply);
  } catch (error) {
    port?.postMessage(failureOf(reply.id, error));
  }
}

async function answer({ id, order }: DetectorRequest): Promise<DetectorReply> {
  try {
    return { id, ok: true, answer: await detectors.obey(order) };
  } catch (error) {
    return failureOf(id, error);
  }
}

function failureOf(id: number, error: unknown): DetectorReply {
  const code = error instanceof Failure ? error.code : 'inference/detector';
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { id, ok: false, code, message };
}
