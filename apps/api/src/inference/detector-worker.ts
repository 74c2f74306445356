import { availableParallelism } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { Failure } from '@logbert/failure';
import { openGraph } from '@logbert/graph-runner';
import { DetectorTurns } from './detector-turns';
import type { DetectorReply, DetectorRequest, DetectorThreadSettings } from './detector-protocol';
import { keyOf, PartitionDetectors } from './partition-detectors';

const port = parentPort;
if (!port) throw new Error('detector-worker runs as a worker thread only');

const { detection, sessionsByTime } = workerData as DetectorThreadSettings;
/** Detector threads share all cores but one, which the rest of the program has: threads that wait for a core hold up the others. */
const threads = Math.max(1, Math.floor((availableParallelism() - 1) / detection.workers));
const turns = new DetectorTurns();
const detectors = new PartitionDetectors(detection, openGraph, {
  ...{ now: Date.now, sessionsByTime, threads, turn: turns },
});
/** What is said of streams is not of one partition. */
const STREAMS = '';

port.on('message', (request: DetectorRequest) => {
  const { order } = request;
  const name = 'partition' in order ? keyOf(order.partition) : STREAMS;
  void turns.run(name, async () => {
    const reply = answer(request).then((message) => port.postMessage(message));
    // The state is taken at once, and packed while later orders are obeyed.
    if (order.type !== 'snapshot') await reply;
  });
});

async function answer({ id, order }: DetectorRequest): Promise<DetectorReply> {
  try {
    return { id, ok: true, answer: await detectors.obey(order) };
  } catch (error) {
    const code = error instanceof Failure ? error.code : 'inference/detector';
    const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { id, ok: false, code, message };
  }
}
