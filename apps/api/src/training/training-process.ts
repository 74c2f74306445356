import { constants, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { ModelBundles, TrainingCheckpoints } from '@logbert/artifact-store';
import type { TrainingConfig } from '@logbert/contracts';
import { Failure } from '@logbert/failure';
import { openGraph } from '@logbert/graph-runner';
import { NonFiniteFailure, type ResumeTraining } from '@logbert/logbert';
import { trainStream } from '@logbert/pipeline';
import { isRekeyed } from '../messaging/is-rekeyed';
import { openArtifactStore } from '../artifacts/open-artifact-store';
import { readHistory } from '../messaging/read-history';
import { CheckpointKeeper } from './checkpoint-keeper';
import { keepTrying, type Patience } from './keep-trying';
import { PinnedSource, type PlacedRecord } from './pinned-source';
import { readLines } from './read-lines';
import type { ToldFailure, TrainingCommand, TrainingOrder, TrainingReport } from './training-order';

// The program of the training child: one order in, progress out, then it ends.

// Lines that come meanwhile go first: what is busy is the machine of the server.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

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

/** Time that a checkpoint has to be written to its end when the server wants the child to stop. */
const LAST_WRITE_MS = 2_000;
/** After so long without the store that has the checkpoint, training begins anew. */
const ANEW_AFTER_MS = 600_000;

async function work(order: TrainingOrder): Promise<void> {
  const store = openArtifactStore(order.artifacts, order.artifactDirectory);
  const tell = (text: string) => void report({ type: 'notice', text });
  const keeper = new CheckpointKeeper(new TrainingCheckpoints(store), order.jobId, tell);
  try {
    const source = new PinnedSource(
      () => recordsOf(order),
      order.pin,
      cancellation.signal,
      (pin) => void report({ type: 'pinned', pin }),
    );
    const patience = { signal: cancellation.signal, tell };
    const { files, metrics } = await trainStream({
      records: source.read,
      settings: order.settings,
      sessionsByTime: order.source.kind === 'stream' && isRekeyed(order.logStream),
      training: order.training,
      detection: order.detection,
      openGraph,
      now: Date.now,
      onProgress: (progress) => void report({ type: 'progress', progress }),
      onEpoch: (epoch) => void report({ type: 'epoch', epoch }),
      onCheckpoint: (checkpoint) => keeper.keep(checkpoint),
      ...(order.attempt > 1 ? { resume: resumeWith(keeper, patience) } : {}),
      signal: cancellation.signal,
    });
    cancellation.signal.throwIfAborted();
    const { modelId, stream } = order;
    const bundle = { modelId, stream, createdAt: Date.now(), files };
    const save = () => new ModelBundles(store).save(bundle);
    await keepTrying('saving the model', save, patience);
    await report({ type: 'done', metrics });
  } catch (error) {
    const isStopped = cancellation.signal.aborted;
    if (isStopped) await Promise.race([keeper.settled(), sleep(LAST_WRITE_MS)]);
    if (!(error instanceof Failure) && !isStopped) console.error(error);
    await report({ type: 'failed', ...toldFailure(error, order) });
  }
  process.exit(0);
}

/** Goes on from what the attempt before has left, and says so. */
function resumeWith(keeper: CheckpointKeeper, patience: Patience): ResumeTraining {
  return async (fingerprint) => {
    const found = await keeper.find(fingerprint, { ...patience, patienceMs: ANEW_AFTER_MS });
    const history = (found.checkpoint?.history ?? []).map(({ epoch, loss, validationLoss }) => ({
      epoch,
      loss,
      validationLoss,
    }));
    const refusal = found.checkpoint ? null : found.refusal;
    await report({ type: 'resumed', resumption: { epoch: history.length, refusal }, history });
    return found.checkpoint;
  };
}

function toldFailure(error: unknown, { training }: TrainingOrder): ToldFailure {
  const code = error instanceof Failure ? error.code : 'training/error';
  const isRetriable = error instanceof Failure && error.retriable;
  const message = error instanceof Error ? error.message : String(error);
  const advice = error instanceof NonFiniteFailure ? adviceFor(training) : '';
  return { code, message: message + advice, isRetriable };
}

function adviceFor({ learningRate }: TrainingConfig): string {
  return (
    `. No model was made, and the one in use stays. Set training.learningRate below ${learningRate} ` +
    'and start a new job.'
  );
}

function recordsOf(order: TrainingOrder): AsyncIterable<PlacedRecord> {
  const { source, stream, logStream, dataDirectory, lineLimitBytes, beganAtMs } = order;
  if (source.kind === 'file') return readLines(source.path, lineLimitBytes, beganAtMs);
  const { fromMs, toMs } = source;
  const { signal } = cancellation;
  const range = { stream, fromMs, toMs, limit: Number.MAX_SAFE_INTEGER, signal };
  return readHistory(logStream, dataDirectory, lineLimitBytes, range);
}

function report(message: TrainingReport): Promise<void> {
  return new Promise((resolve) => {
    if (!process.send) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}
