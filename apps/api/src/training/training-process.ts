import { ModelBundles } from '@logbert/artifact-store';
import { Failure } from '@logbert/failure';
import { openGraph } from '@logbert/graph-runner';
import { type ReadRecords, trainStream } from '@logbert/pipeline';
import { openArtifactStore } from '../artifacts/open-artifact-store';
import { readHistory } from '../messaging/read-history';
import { readLines } from './read-lines';
import type { TrainingCommand, TrainingOrder, TrainingReport } from './training-order';

// The program of the training child: one order in, progress out, then it ends.

const cancellation = new AbortController();

process.on('message', (message) => {
  const command = message as TrainingCommand;
  if (command.type === 'cancel') cancellation.abort();
  else void work(command.order);
});
// The server decides what an interrupt means for its jobs; without a server there is nobody to report to.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
process.on('disconnect', () => process.exit(1));
void report({ type: 'ready' });

async function work(order: TrainingOrder): Promise<void> {
  try {
    const { files, metrics } = await trainStream({
      records: recordsOf(order),
      settings: order.settings,
      training: order.training,
      detection: order.detection,
      openGraph,
      now: Date.now,
      onProgress: (progress) => void report({ type: 'progress', progress }),
      onEpoch: (epoch) => void report({ type: 'epoch', epoch }),
      signal: cancellation.signal,
    });
    cancellation.signal.throwIfAborted();
    await new ModelBundles(openArtifactStore(order.artifacts, order.artifactDirectory)).save({
      modelId: order.modelId,
      stream: order.stream,
      createdAt: Date.now(),
      files,
    });
    await report({ type: 'done', metrics });
  } catch (error) {
    const code = error instanceof Failure ? error.code : 'training/error';
    const message = error instanceof Error ? error.message : String(error);
    if (!(error instanceof Failure) && !cancellation.signal.aborted) console.error(error);
    await report({ type: 'failed', code, message });
  }
  process.exit(0);
}

function recordsOf({
  source,
  stream,
  logStream,
  dataDirectory,
  lineLimitBytes,
}: TrainingOrder): ReadRecords {
  if (source.kind === 'file') {
    const receivedAtMs = Date.now();
    return () => readLines(source.path, lineLimitBytes, receivedAtMs);
  }
  const { fromMs, toMs } = source;
  const { signal } = cancellation;
  const range = { stream, fromMs, toMs, limit: Number.MAX_SAFE_INTEGER, signal };
  return () => readHistory(logStream, dataDirectory, range);
}

function report(message: TrainingReport): Promise<void> {
  return new Promise((resolve) => {
    if (!process.send) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}
