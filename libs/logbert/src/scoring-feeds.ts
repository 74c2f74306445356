import { int32, type Tensor } from '@logbert/onnx-graph';
import { DISTANCE, MASK } from '@logbert/sequences';
import { UNPREDICTED_TOKENS } from './architecture';

/** A window, or a piece of one, some of whose lines are masked. */
export interface MaskedPiece {
  readonly piece: ArrayLike<number>;
  /** Which of its lines, counted from 0, are masked, and so asked for. */
  readonly masked: readonly number[];
}

/** One masked pass over a window, or over a piece of a long one. */
export interface Pass extends MaskedPiece {
  readonly piece: Int32Array;
  /** Number of the window. */
  readonly window: number;
  /** Where the piece begins in its window. */
  readonly offset: number;
  /** Whether what is asked for is the end: the one masked position is that behind the last line. */
  readonly asksEnd: boolean;
}

type Feeds = Readonly<Record<string, Tensor>>;

/**
 * The sequences of pieces as a scoring model takes them. Its rows are the masked lines of all pieces, in their order, and
 * then `[DIST]` of each piece.
 */
export function feedsOf(pieces: readonly MaskedPiece[], tokenCount: number): Feeds {
  const batch = pieces.length;
  const sequences = pieces.map(sequenceOf);
  const length = Math.max(...sequences.map((sequence) => sequence.length));
  const { tokens, positions, places } = distinctPairs(sequences, length, tokenCount);
  const most = 1 + Math.max(...pieces.map(({ masked }) => masked.length));
  // Where a piece asks for fewer, the rest asks for its `[DIST]` again.
  const asked = new Int32Array(most * batch);
  for (let at = 0; at < asked.length; at++) asked[at] = at % batch;
  const rows = new Int32Array(countMasked(pieces) + batch);
  let line = 0;
  for (const [column, { masked }] of pieces.entries()) {
    for (const [index, position] of masked.entries()) {
      const row = (1 + index) * batch + column;
      asked[row] = (1 + position) * batch + column;
      rows[line++] = row;
    }
  }
  for (let column = 0; column < batch; column++) rows[line + column] = column;
  return {
    tokens: int32([tokens.length], tokens),
    positions: int32([positions.length], positions),
    places: int32([length, batch], places),
    asked: int32([most, batch], asked),
    rows: int32([rows.length], rows),
  };
}

/** The same for models of formats 1 and 2, which take whole sequences and count rows through the batch. */
export function feedsOfSequences(pieces: readonly MaskedPiece[]): Feeds {
  const sequences = pieces.map(sequenceOf);
  const length = Math.max(...sequences.map((sequence) => sequence.length));
  const tokens = new Int32Array(pieces.length * length);
  for (const [row, sequence] of sequences.entries()) tokens.set(sequence, row * length);
  const rows = pieces.flatMap(({ masked }, row) =>
    masked.map((position) => row * length + 1 + position),
  );
  for (const row of pieces.keys()) rows.push(row * length);
  return {
    tokens: int32([pieces.length, length], tokens),
    rows: int32([rows.length], rows),
  };
}

/** The class that stood in each row, `[rows, 1]`; rows of `[DIST]` have any. */
export function targetsOf(pieces: readonly MaskedPiece[]): Tensor {
  const targets = new Int32Array(countMasked(pieces) + pieces.length);
  let row = 0;
  for (const { piece, masked } of pieces) {
    for (const position of masked) targets[row++] = (piece[position] ?? 0) - UNPREDICTED_TOKENS;
  }
  return int32([targets.length, 1], targets);
}

/**
 * The pairs of row and class, as row · classes + class, whose probability is wanted: of each masked line all keys of its
 * window. Never an empty tensor, which not every runtime takes: one pair that nobody asks for.
 *
 * @param scores keys of each window
 */
export function pairsOf(
  passes: readonly Pass[],
  scores: readonly { readonly keys: readonly number[] }[],
  classes: number,
): Tensor {
  const keysOf = ({ window, asksEnd }: Pass) => (asksEnd ? [] : (scores[window]?.keys ?? []));
  const count = passes.reduce((sum, pass) => sum + pass.masked.length * keysOf(pass).length, 0);
  const pairs = new Int32Array(Math.max(1, count));
  let [row, at] = [0, 0];
  for (const pass of passes) {
    const keys = keysOf(pass);
    for (let left = pass.masked.length; left > 0; left--, row++) {
      for (const key of keys) pairs[at++] = row * classes + key - UNPREDICTED_TOKENS;
    }
  }
  return int32([pairs.length], pairs);
}

function countMasked(pieces: readonly MaskedPiece[]): number {
  return pieces.reduce((sum, { masked }) => sum + masked.length, 0);
}

function sequenceOf({ piece, masked }: MaskedPiece): Int32Array {
  const sequence = new Int32Array(1 + piece.length);
  sequence[0] = DISTANCE;
  sequence.set(piece, 1);
  for (const position of masked) sequence[1 + position] = MASK;
  return sequence;
}

/** Every pair of a token and a position that occurs, and which of them stands where, time before batch; padding is token 0. */
function distinctPairs(sequences: readonly Int32Array[], length: number, tokenCount: number) {
  const tokens: number[] = [];
  const positions: number[] = [];
  const places = new Int32Array(length * sequences.length);
  // Number of the pair of each token at the present position; what an earlier position left is smaller than its first.
  const pairs = new Int32Array(tokenCount).fill(-1);
  let at = 0;
  for (let position = 0; position < length; position++) {
    const first = tokens.length;
    for (const sequence of sequences) {
      const token = sequence[position] ?? 0;
      let pair = pairs[token] ?? -1;
      if (pair < first) {
        pair = tokens.push(token) - 1;
        pairs[token] = pair;
        positions.push(position);
      }
      places[at++] = pair;
    }
  }
  return { tokens, positions, places };
}
