import { CheckpointFailure } from './logbert-failures';
import type { EpochRecord } from './trained-logbert';
import type { TrainingCheckpoint } from './training-checkpoint';
import { differenceOf, type TrainingFingerprint } from './training-fingerprint';

/** "LBTC" in the order of bytes of every machine that ONNX Runtime runs on; another order is no checkpoint. */
const MAGIC = 0x4354424c;
const VERSION = 1;
/** Magic, version and length of the heading, four bytes each. */
const PREAMBLE_BYTES = 12;
const CHECKSUM_BYTES = 32;
const VECTORS = ['parameters', 'first', 'second', 'centre', 'best'] as const;

interface Heading {
  readonly fingerprint: TrainingFingerprint;
  readonly best: { readonly loss: number; readonly epoch: number };
  readonly history: readonly EpochRecord[];
  /** Elements of each vector, in the order in which they follow. */
  readonly lengths: readonly number[];
}

/**
 * A checkpoint as bytes: preamble, a heading as JSON, the vectors, and the SHA-256 of all that.
 *
 * @param checkpoint its losses are finite; it is copied before the first wait, so that training may go on
 * @returns four bytes for each number in its vectors and some hundred more
 */
export function serialiseCheckpoint(checkpoint: TrainingCheckpoint): Promise<Uint8Array> {
  const { fingerprint, best, history } = checkpoint;
  const vectors = vectorsOf(checkpoint);
  const heading: Heading = {
    fingerprint,
    best: { loss: best.loss, epoch: best.epoch },
    history,
    lengths: vectors.map(({ length }) => length),
  };
  const json = paddedJson(heading);
  const size = vectors.reduce((sum, { byteLength }) => sum + byteLength, PREAMBLE_BYTES);
  const bytes = new Uint8Array(size + json.length + CHECKSUM_BYTES);
  bytes.set(new Uint8Array(Uint32Array.of(MAGIC, VERSION, json.length).buffer));
  bytes.set(json, PREAMBLE_BYTES);
  let at = PREAMBLE_BYTES + json.length;
  for (const { buffer, byteOffset, byteLength } of vectors) {
    bytes.set(new Uint8Array(buffer, byteOffset, byteLength), at);
    at += byteLength;
  }
  return sha256(bytes.subarray(0, at)).then((checksum) => {
    bytes.set(checksum, at);
    return bytes;
  });
}

/**
 * Reads what `serialiseCheckpoint` wrote.
 *
 * @param fingerprint of the training that is to go on from it
 * @throws CheckpointFailure with the reason: no checkpoint, of another version, damaged, or of another training
 */
export async function parseCheckpoint(
  bytes: Uint8Array,
  fingerprint: TrainingFingerprint,
): Promise<TrainingCheckpoint> {
  // A copy: views of four-byte numbers must begin at a multiple of four.
  const copy = new Uint8Array(bytes);
  const end = copy.length - CHECKSUM_BYTES;
  if (end < PREAMBLE_BYTES) throw new CheckpointFailure('it is too short to be one');
  const [magic, version, headingBytes = 0] = new Uint32Array(copy.buffer, 0, 3);
  if (magic !== MAGIC) throw new CheckpointFailure('it does not begin like one');
  if (version !== VERSION) {
    throw new CheckpointFailure(`its format is ${version}, and this program reads ${VERSION}`);
  }
  const checksum = await sha256(copy.subarray(0, end));
  if (checksum.some((byte, at) => byte !== copy[end + at])) {
    throw new CheckpointFailure('it is damaged: its checksum does not hold');
  }
  const text = new TextDecoder().decode(
    copy.subarray(PREAMBLE_BYTES, PREAMBLE_BYTES + headingBytes),
  );
  const { best, history, lengths, ...heading } = JSON.parse(text) as Heading;
  const difference = differenceOf(heading.fingerprint, fingerprint);
  if (difference !== undefined) throw new CheckpointFailure(`it belongs to other ${difference}`);
  let at = PREAMBLE_BYTES + headingBytes;
  const [parameters, first, second, centre, bestParameters] = lengths.map((length) => {
    const vector = new Float32Array(copy.buffer, at, length);
    at += vector.byteLength;
    return vector;
  });
  if (!parameters || !first || !second || !centre || !bestParameters || at !== end) {
    throw new CheckpointFailure('its length is not what its heading says');
  }
  return {
    fingerprint,
    parameters,
    first,
    second,
    centre,
    best: { ...best, parameters: bestParameters },
    history,
  };
}

function vectorsOf(checkpoint: TrainingCheckpoint): readonly Float32Array[] {
  const { best, ...vectors } = checkpoint;
  return VECTORS.map((name) => (name === 'best' ? best.parameters : vectors[name]));
}

/** Spaces at its end make what follows begin at a multiple of four. */
function paddedJson(heading: Heading): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(heading));
  const padded = new Uint8Array(Math.ceil(json.length / 4) * 4).fill(0x20);
  padded.set(json);
  return padded;
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
}
