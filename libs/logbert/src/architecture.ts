import { ArchitectureFailure } from './logbert-failures';

/** Sizes of a LogBERT network. */
export interface Architecture {
  /** Tokens, the four special ones included. */
  readonly vocabularySize: number;
  /** Width of a position's representation, a multiple of `heads`. */
  readonly hidden: number;
  readonly layers: number;
  readonly heads: number;
  /** Width of the inner layer of each feed-forward block. */
  readonly feedForward: number;
  /** Longest sequence, `[DIST]` included: windows of more than maxLength − 1 lines are cut into pieces. */
  readonly maxLength: number;
  /** Share of a block's output that is dropped in training, in [0, 1). */
  readonly dropout: number;
  /**
   * Lines at which sessions are cut: a shorter one ended by itself, and the network is shown and asked where. Left out
   * where windows do not end by themselves.
   */
  readonly sessionsCutAt?: number;
}

/** What windows come to as sequences depends on these alone. */
export type SequenceSizes = Pick<Architecture, 'vocabularySize' | 'maxLength' | 'sessionsCutAt'>;

/** In (0, 1). */
export type MaskRatio = number | { readonly from: number; readonly to: number };

/** How a network is trained. */
export interface TrainingSettings {
  readonly epochs: number;
  /** Most steps of an epoch, drawn from all; left out, every window comes in each epoch. */
  readonly stepsPerEpoch?: number;
  /** Windows of a step; of windows of more than 64 lines fewer, in proportion. */
  readonly batchSize: number;
  /** Largest learning rate, reached after the warm-up. */
  readonly learningRate: number;
  /** Decoupled weight decay of matrices; offsets and embeddings are not decayed. */
  readonly weightDecay: number;
  /** Share of a window's lines that are masked, at least one line: fixed, or drawn evenly for each window. */
  readonly maskRatio: MaskRatio;
  /** Weight of the hypersphere loss beside the masked-key loss. */
  readonly hypersphereWeight: number;
  /** Epochs without a better validation loss after which training stops. */
  readonly patience: number;
  /** Largest norm of the gradient; a longer one is scaled down. */
  readonly gradientClip: number;
  /** Share of all steps over which the learning rate rises from 0. */
  readonly warmupShare: number;
}

/** Special tokens that are never predicted: padding, `[DIST]` and the mask stand before UNKNOWN. */
export const UNPREDICTED_TOKENS = 3;

/** How many tokens the network knows: those of the vocabulary, and `[END]` where windows end by themselves. */
export function tokensOf({ vocabularySize, sessionsCutAt }: SequenceSizes): number {
  return sessionsCutAt === undefined ? vocabularySize : vocabularySize + 1;
}

/** How many tokens the output layer tells apart: UNKNOWN, the keys and `[END]`. */
export function classesOf(architecture: SequenceSizes): number {
  return tokensOf(architecture) - UNPREDICTED_TOKENS;
}

/** `[END]`, the token behind the last line of a window that ended by itself; undefined for one that was cut. */
export function endOf(architecture: SequenceSizes, windowLength: number): number | undefined {
  const { sessionsCutAt, vocabularySize } = architecture;
  return sessionsCutAt !== undefined && windowLength < sessionsCutAt ? vocabularySize : undefined;
}

/** @throws ArchitectureFailure naming the size that makes no network */
export function checkArchitecture(architecture: Architecture): void {
  const { vocabularySize, hidden, heads, maxLength, dropout, sessionsCutAt } = architecture;
  for (const size of ['hidden', 'layers', 'heads', 'feedForward'] as const) {
    if (!Number.isInteger(architecture[size]) || architecture[size] < 1) {
      throw new ArchitectureFailure(size, 'an integer of at least 1', architecture[size]);
    }
  }
  if (!Number.isInteger(vocabularySize) || vocabularySize < UNPREDICTED_TOKENS + 2) {
    throw new ArchitectureFailure('vocabularySize', 'at least one key', vocabularySize);
  }
  if (hidden % heads !== 0) {
    throw new ArchitectureFailure('hidden', `a multiple of ${heads} heads`, hidden);
  }
  if (!Number.isInteger(maxLength) || maxLength < 2) {
    throw new ArchitectureFailure('maxLength', 'an integer of at least 2', maxLength);
  }
  if (sessionsCutAt !== undefined && !(sessionsCutAt >= 1 && sessionsCutAt < maxLength)) {
    throw new ArchitectureFailure('sessionsCutAt', `in [1, ${maxLength - 1}]`, sessionsCutAt);
  }
  if (!(dropout >= 0 && dropout < 1)) {
    throw new ArchitectureFailure('dropout', 'a share in [0, 1)', dropout);
  }
}
