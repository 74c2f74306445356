import { SnapshotFailure } from './snapshot-failure';
import { TextHash } from './text-hash';

const PIECE_CHARACTERS = 32_768;
const CHECKSUM = /^,"checksum":"([0-9a-f]{16})"\}$/;
const TAIL_CHARACTERS = ',"checksum":"0123456789abcdef"}'.length;

/** What a snapshot begins with. */
export interface SnapshotHead {
  readonly format: string;
  readonly version: number;
}

function headOf({ format, version }: SnapshotHead): string {
  return `{"format":${JSON.stringify(format)},"version":${version},"body":`;
}

/** A snapshot's JSON text in pieces, so that whoever writes it can do other work in between. */
export interface SnapshotText {
  /** Can be gone through once. */
  readonly pieces: Iterable<string>;
  /** The checksum and the number of characters, once all pieces have been taken. */
  readonly written: () => { readonly checksum: string; readonly characters: number };
}

/**
 * Writes a snapshot piece by piece: what `JSON.stringify` would say, checksum last.
 *
 * @param body shares nothing with what changes while it is written
 */
export function writeSnapshot(head: SnapshotHead, body: object): SnapshotText {
  const hash = new TextHash();
  let characters = 0;
  function* pieces(): Generator<string> {
    yield headOf(head);
    for (const piece of gathered(jsonText(body))) {
      hash.add(piece);
      characters += piece.length;
      yield piece;
    }
    yield `,"checksum":"${hash.digest()}"}`;
  }
  return { pieces: pieces(), written: () => ({ checksum: hash.digest(), characters }) };
}

/** What `JSON.stringify` says of plain data, in small pieces. */
function* jsonText(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) {
    yield JSON.stringify(value);
  } else if (Array.isArray(value)) {
    if (value.every((item) => typeof item !== 'object')) {
      yield JSON.stringify(value);
      return;
    }
    let before = '[';
    for (const item of value as readonly unknown[]) {
      yield before;
      yield* jsonText(item);
      before = ',';
    }
    yield ']';
  } else {
    let before = '{';
    for (const [key, item] of Object.entries(value) as readonly (readonly [string, unknown])[]) {
      if (item === undefined) continue;
      yield `${before}${JSON.stringify(key)}:`;
      yield* jsonText(item);
      before = ',';
    }
    yield before === '{' ? '{}' : '}';
  }
}

function* gathered(texts: Iterable<string>): Generator<string> {
  let gathered = '';
  for (const text of texts) {
    gathered += text;
    if (gathered.length < PIECE_CHARACTERS) continue;
    yield gathered;
    gathered = '';
  }
  yield gathered;
}

/**
 * Reads what `writeSnapshot` wrote, every character of it checked.
 *
 * @throws SnapshotFailure when one is missing, altered or too many
 */
export function readSnapshotText(
  head: SnapshotHead,
  text: string,
): { readonly body: unknown; readonly checksum: string } {
  const beginning = headOf(head);
  if (!text.startsWith(beginning)) {
    throw new SnapshotFailure(`it does not begin with ${beginning}`);
  }
  const checksum = CHECKSUM.exec(text.slice(-TAIL_CHARACTERS))?.[1];
  if (checksum === undefined) throw new SnapshotFailure('it does not end with a checksum');
  const body = text.slice(beginning.length, -TAIL_CHARACTERS);
  if (new TextHash().add(body).digest() !== checksum) {
    throw new SnapshotFailure('the checksum differs');
  }
  return { body: JSON.parse(body), checksum };
}
