import { availableParallelism } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { Failure } from '@logbert/failure';
import { openGraph } from '@logbert/graph-runner';
import type { DetectorReply, DetectorRequest, DetectorThreadSettings } from './detector-protocol';
import { PartitionDetectors } from './partition-detectors';

const port = parentPort;
if (!port) throw new Error('detector-worker runs as a worker thread only');

const { detection, sessionsByTime } = workerData as DetectorThreadSettings;
/** Detector threads share all cores but one, which the rest of the program has: threads that wait for a core hold up the others. */
const threads = Math.max(1, Math.floor((availableParallelism() - 1) / detection.workers));
const detectors = new PartitionDetectors(detection, openGraph, Date.now, sessionsByTime, threads);

/** One order at a time, in the order in which they came. */
let last: Promise<unknown> = Promise.resolve();

port.on('message', (request: DetectorRequest) => {
  const { order } = request;
  last = last.then(() => {
    const reply = answer(request).then((message) => port.postMessage(message));
    // The state is taken at once, and packed while later orders are obeyed.
    return order.type === 'snapshot' ? undefined : reply;
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
