import { Failure } from '@logbert/failure';
import type { BatchHandler, RawRecord, RecordBatch } from './log-stream';
import type { Report } from './stream-notice';

const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 10_000;
const MAX_REASON_LENGTH = 200;

/** Hands batches to the handler until they succeed or their records are parked. */
export class BatchDelivery {
  constructor(
    private readonly handler: BatchHandler,
    private readonly park: (record: RawRecord, reason: string) => Promise<void>,
    private readonly report: Report,
  ) {}

  /** Whether the batch is dealt with; false when it was given up because its signal was aborted. */
  async deliver(batch: RecordBatch): Promise<boolean> {
    const failure = await this.untilFinal(batch, () => this.handler(batch));
    if (failure === 'aborted') return false;
    if (failure === undefined) return true;
    const [record] = batch.records;
    if (record === undefined) return true;
    if (batch.records.length > 1) return this.deliverSingly(batch);

    const reason = reasonOf(failure.error);
    const parking = await this.untilFinal(batch, () => this.park(record, reason));
    if (parking === 'aborted') return false;
    const { source, partition, offset, stream } = record;
    const place = { source, partition, offset, stream, reason };
    if (parking === undefined) this.report({ kind: 'parked', ...place, error: failure.error });
    else this.report({ kind: 'not-parked', ...place, error: parking.error });
    return true;
  }

  /** Finds the records that fail alone too. */
  private async deliverSingly(batch: RecordBatch): Promise<boolean> {
    for (const [place, record] of batch.records.entries()) {
      const before = batch.records[place - 1];
      const single: RecordBatch = {
        source: batch.source,
        partition: batch.partition,
        epoch: batch.epoch,
        highWatermark: batch.highWatermark,
        signal: batch.signal,
        records: [record],
        firstOffset: before === undefined ? batch.firstOffset : before.offset + 1,
        nextOffset: batch.records[place + 1]?.offset ?? batch.nextOffset,
        release: (nextOffset) => batch.release(nextOffset),
        goBackTo: (offset) => batch.goBackTo(offset),
      };
      if (!(await this.deliver(single))) return false;
    }
    return true;
  }

  /** Tries until it succeeds or fails in a way that trying again cannot mend. */
  private async untilFinal(
    batch: RecordBatch,
    work: () => Promise<void>,
  ): Promise<undefined | 'aborted' | { readonly error: unknown }> {
    for (let attempt = 1; !batch.signal.aborted; attempt++) {
      try {
        await work();
        return undefined;
      } catch (error) {
        if (batch.signal.aborted) return 'aborted';
        if (!(error instanceof Failure) || !error.retriable) return { error };
        const inMs = backoff(attempt);
        const { source, partition } = batch;
        this.report({ kind: 'retrying', source, partition, attempt, inMs, error });
        await sleep(inMs, batch.signal);
      }
    }
    return 'aborted';
  }
}

/** Doubles from try to try, spread by half so that many waiters do not come back at once. */
export function backoff(attempt: number): number {
  const full = Math.min(FIRST_RETRY_MS * 2 ** (attempt - 1), LAST_RETRY_MS);
  return Math.round(full * (0.5 + Math.random() / 2));
}

/** Resolves after the time, or at once when the signal is aborted. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}

/** What is foreseen says why; the text of anything else may quote a query and its parameters. */
function reasonOf(error: unknown): string {
  if (error instanceof Failure)
    return `${error.code}: ${error.message}`.slice(0, MAX_REASON_LENGTH);
  return `unforeseen: ${error instanceof Error ? error.name : typeof error}`;
}
