import { setTimeout as sleep } from 'node:timers/promises';
import type { Anomaly } from '@logbert/contracts';
import { Failure } from '@logbert/failure';
import { DEAD_LETTER_HEADERS, type LogStream, type RecordBatch } from '@logbert/log-stream';
import { Logger } from '@nestjs/common';
import type { Findings, IncidentRecorder } from '../incidents/incident-recorder';
import type { Release } from './checkpoints';
import type { StreamFindings } from './detector-protocol';
import type { InferenceFigures } from './inference-figures';
import { UnwrittenFailure } from './unwritten-failure';

const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 10_000;
/** Of an error that nobody foresaw; together some twenty seconds. */
const UNFORESEEN_TRIES = 8;
const MAX_REASON_LENGTH = 200;

export interface FindingsWriterParts {
  readonly recorder: Pick<IncidentRecorder, 'record'>;
  readonly logStream: Pick<LogStream, 'park'>;
  readonly figures: Pick<InferenceFigures, 'notePark'>;
  /** Ends the program, so that a restart finds the same again. */
  readonly endProgram: (failure: Error) => void;
  /** Pause before the first retry. */
  readonly firstRetryMs?: number;
}

/** The end of the tries. */
interface Refusal {
  readonly error: unknown;
}

/**
 * Makes what detectors found durable, as often as it takes.
 *
 * The windows that gave it are gone from the detector, so the batch must not come again, or its lines would be counted
 * twice. What alone can never be written is parked; nothing is left behind without a trace.
 */
export class FindingsWriter {
  private readonly logger = new Logger(FindingsWriter.name);
  private readonly firstRetryMs: number;

  constructor(private readonly parts: FindingsWriterParts) {
    this.firstRetryMs = parts.firstRetryMs ?? FIRST_RETRY_MS;
  }

  /**
   * @throws the reason of the signal when the partition is somebody else's by now
   * @throws UnwrittenFailure when nothing at all could be written; the program ends then
   */
  async write(found: Findings, release: Release): Promise<void> {
    const { signal } = release;
    const refusal = await this.refusalOf(() => this.parts.recorder.record(found), signal);
    if (refusal) await this.writeApart(found, release, refusal);
  }

  /** Parks the records that can never become lines. */
  async park(batch: RecordBatch, streams: readonly StreamFindings[]): Promise<void> {
    const failures = new Map(
      streams.flatMap((found) => found.failures.map((failure) => [failure.offset, failure])),
    );
    if (failures.size === 0) return;
    for (const record of batch.records) {
      const failure = failures.get(record.offset);
      if (failure === undefined) continue;
      const { code, message } = failure;
      const reason = `${code}: ${message}`.slice(0, MAX_REASON_LENGTH);
      const park = () => this.parts.logStream.park(record, reason);
      const refusal = await this.refusalOf(park, batch.signal);
      if (!refusal) this.parts.figures.notePark(code);
      else {
        // Its neighbours are in the windows already, so that the batch must not come again.
        const place = `${record.source}/${record.partition}@${record.offset}`;
        this.logger.error(
          `record ${place} could not be parked (${reason}): ${String(refusal.error)}`,
        );
      }
    }
  }

  /** One anomaly that cannot be written must not take the counts and the others with it. */
  private async writeApart(found: Findings, release: Release, refusal: Refusal): Promise<void> {
    const { signal } = release;
    const { recorder } = this.parts;
    const { anomalies, settlements = [], counted, ...others } = found;
    const { templateCounts, novelTemplates } = found;
    const hasCounts = templateCounts.length + novelTemplates.length > 0;
    const refused: [Anomaly, Refusal][] = [];
    let written = 0;
    if (hasCounts) {
      const counts = { ...others, counted, anomalies: [] };
      const lost = await this.refusalOf(() => recorder.record(counts), signal, 1);
      if (lost) {
        const what = `${templateCounts.length} counts of lines of stream ${found.stream}`;
        this.logger.error(`${what} cannot be written: ${String(lost.error)}`);
      } else written++;
    }
    for (const anomaly of anomalies) {
      const alone = { ...others, anomalies: [anomaly], templateCounts: [], novelTemplates: [] };
      const lost = await this.refusalOf(() => recorder.record(alone), signal, 1);
      if (lost) refused.push([anomaly, lost]);
      else written++;
    }
    if (settlements.length > 0) {
      // After the anomalies that they speak of.
      const settled = { ...others, anomalies: [], settlements };
      const final = { ...settled, templateCounts: [], novelTemplates: [] };
      const lost = await this.refusalOf(() => recorder.record(final), signal, 1);
      if (lost) {
        const what = `${settlements.length} final verdicts of stream ${found.stream}`;
        this.logger.error(`${what} cannot be written: ${String(lost.error)}`);
      } else written++;
    }
    // Where nothing goes in, it is not what was found that is to blame.
    if (written === 0 && !isForeseen(refusal)) this.giveUp(found.stream, refusal);
    for (const [anomaly, { error }] of refused) await this.parkAnomaly(anomaly, error, release);
  }

  private async parkAnomaly(anomaly: Anomaly, error: unknown, release: Release): Promise<void> {
    const { source, partition, signal } = release;
    const { id, stream, windowKey, detectedAt } = anomaly;
    const code = error instanceof Failure ? error.code : 'inference/unwritten';
    const name = error instanceof Error ? error.name : typeof error;
    const record = {
      ...{ stream, source, partition, offset: 0, key: windowKey, receivedAtMs: detectedAt },
      headers: { [DEAD_LETTER_HEADERS.anomaly]: id },
      value: Buffer.from(JSON.stringify(anomaly)),
    };
    // The text of an error may quote a query and what was to be written.
    const reason = `${code}: anomaly ${id} cannot be written (${name})`;
    this.logger.error(`anomaly ${id} of stream ${stream} is parked: ${String(error)}`);
    const lost = await this.refusalOf(() => this.parts.logStream.park(record, reason), signal);
    if (lost) this.giveUp(stream, lost);
    this.parts.figures.notePark(code);
  }

  private giveUp(stream: string, { error }: Refusal): never {
    const failure = new UnwrittenFailure(stream, error);
    this.parts.endProgram(failure);
    throw failure;
  }

  /**
   * Tries for as long as the partition is ours while trying again can help, and a bounded number of times where that is
   * not known.
   */
  private async refusalOf(
    work: () => Promise<void>,
    signal: AbortSignal,
    unforeseenTries = UNFORESEEN_TRIES,
  ): Promise<Refusal | undefined> {
    let unforeseen = 0;
    for (let pause = this.firstRetryMs; ; pause = Math.min(pause * 2, LONGEST_RETRY_MS)) {
      try {
        await work();
        return undefined;
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof Failure ? !error.retriable : ++unforeseen >= unforeseenTries) {
          return { error };
        }
        const what = error instanceof Failure ? `${error.code}: ${error.message}` : String(error);
        this.logger.warn(`${what}; trying again in ${pause} ms`);
        await sleep(pause, undefined, { signal });
      }
    }
  }
}

function isForeseen({ error }: Refusal): boolean {
  return error instanceof Failure;
}
