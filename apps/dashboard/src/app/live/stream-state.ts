import type { Model, Throughput, TrainingJob } from '@logbert/contracts';

const SILENT_AFTER_MS = 15_000;
const BEHIND_FROM_LINES = 5_000;

/** What a stream is doing at present, in one word for the colour and one sentence for the person. */
export interface StreamState {
  readonly kind: 'scoring' | 'behind' | 'training' | 'silent' | 'unmodelled' | 'receiving';
  readonly text: string;
}

export interface StreamFacts {
  /** The model in use; null when there is none, undefined when that is not known. */
  readonly model: Model | null | undefined;
  readonly job: TrainingJob | undefined;
  readonly sample: Throughput | undefined;
  readonly nowMs: number;
}

export function stateOf({ model, job, sample, nowMs }: StreamFacts): StreamState {
  const isReceiving =
    sample !== undefined && sample.linesPerSecond > 0 && nowMs - sample.at < SILENT_AFTER_MS;
  if (model === null && job !== undefined) {
    return { kind: 'training', text: 'Learning normal' };
  }
  if (model === null) {
    return {
      kind: 'unmodelled',
      text: isReceiving ? 'Receiving; no model yet' : 'No model yet',
    };
  }
  if (sample !== undefined && sample.lag > BEHIND_FROM_LINES) {
    return { kind: 'behind', text: 'Catching up' };
  }
  if (!isReceiving) return { kind: 'silent', text: 'No lines are coming' };
  return model === undefined
    ? { kind: 'receiving', text: 'Receiving' }
    : { kind: 'scoring', text: 'Scoring' };
}
