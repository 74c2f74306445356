import { readFileSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { openGraph } from '@logbert/graph-runner';
import { splitLines } from '@logbert/log-records';
import { type LoadedBundle, loadBundle, StreamDetector } from '@logbert/pipeline';
import type { PipelineJob, PipelineOrder } from './pipeline-detectors';

// A detector in a thread of its own, as in the server: it gets ready, then runs its lines as often as it is told to.
const { log, files, settings, detection, batch, threads } = workerData as PipelineJob;
const { lines } = splitLines(readFileSync(log), 'text/plain', { maxBytes: Infinity });
const records = lines.map((value, offset) => ({ offset, value, receivedAtMs: 0 }));
let ready: { readonly bundle: LoadedBundle; readonly detector: StreamDetector } | undefined;

parentPort?.on('message', (order: PipelineOrder) => {
  const working = order === 'prepare' ? prepare() : run();
  void working.then((windows) => parentPort?.postMessage(windows));
});

/** Everything from the start: no window is remembered from the run before. */
async function prepare(): Promise<number> {
  const bundle = await loadBundle('measured', files, openGraph, detection, threads);
  ready = {
    bundle,
    detector: new StreamDetector({ stream: 'measured', settings, detection, bundle }),
  };
  return 0;
}

/** @returns how many windows were judged */
async function run(): Promise<number> {
  if (!ready) throw new TypeError('the detector was not prepared');
  const { bundle, detector } = ready;
  let windows = 0;
  for (let start = 0; start < records.length; start += batch) {
    const detected = await detector.accept(records.slice(start, start + batch), Date.now());
    windows += detected.windows;
  }
  windows += (await detector.flush(Date.now())).windows;
  await bundle.close();
  return windows;
}
