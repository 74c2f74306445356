import { type TrainingRequest, trainingRequestSchema } from '@logbert/contracts';

export type SourceKind = 'stream' | 'file' | 'upload';

/** The training form as it is filled in: text and empty fields, not yet a request. */
export interface TrainingDraft {
  readonly stream: string;
  readonly kind: SourceKind;
  /** Minutes back from now; null when the times are given. */
  readonly minutes: number | null;
  readonly from: string;
  readonly to: string;
  readonly path: string;
  readonly uploadId: string;
  readonly epochs: number | null;
  readonly hidden: number | null;
  readonly layers: number | null;
  readonly heads: number | null;
}

export const EMPTY_DRAFT: TrainingDraft = {
  stream: '',
  kind: 'stream',
  minutes: 60,
  from: '',
  to: '',
  path: '',
  uploadId: '',
  epochs: null,
  hidden: null,
  layers: null,
  heads: null,
};

export type CheckedDraft =
  | { readonly request: TrainingRequest }
  | { readonly faults: readonly { readonly field: string; readonly reason: string }[] };

/** Makes the request that a draft asks for, or names the fields at fault. */
export function check(draft: TrainingDraft, nowMs: number): CheckedDraft {
  const options = Object.fromEntries(
    Object.entries({
      epochs: draft.epochs,
      hidden: draft.hidden,
      layers: draft.layers,
      heads: draft.heads,
    }).filter(([, value]) => value !== null),
  );
  const answer = trainingRequestSchema.safeParse({
    stream: draft.stream.trim(),
    source: sourceOf(draft, nowMs),
    options,
  });
  if (answer.success) return { request: answer.data };
  return {
    faults: answer.error.issues.map(({ path, message }) => ({
      field: String(path.at(-1) ?? 'request'),
      reason: message,
    })),
  };
}

function sourceOf(draft: TrainingDraft, nowMs: number): object {
  switch (draft.kind) {
    case 'file':
      return { kind: 'file', path: draft.path.trim() };
    case 'upload':
      return { kind: 'upload', uploadId: draft.uploadId };
    case 'stream':
      return draft.minutes === null
        ? { kind: 'stream', fromMs: Date.parse(draft.from), toMs: Date.parse(draft.to) }
        : { kind: 'stream', fromMs: nowMs - draft.minutes * 60_000, toMs: nowMs };
  }
}
