import { TokenBuffer } from './token-buffer';

/** What varies from line to line: a mask, several of them in a row, or nothing where something may stand. */
export const VARIABLE = 0;
/** A word, with masks inside it or without. */
export const WORD = 1;
/** A punctuation mark that separates words. */
export const MARK = 2;

export type PieceKind = typeof VARIABLE | typeof WORD | typeof MARK;

/** The pieces of one masked line as spans of its code units; used again for the next line. */
export class PieceBuffer extends TokenBuffer {
  kinds = new Uint8Array(this.starts.length);
  /** 1 where white space stands before a piece. */
  gaps = new Uint8Array(this.starts.length);
  /** The masked line's length in code units. */
  length = 0;

  /** Copies a masked line. */
  load(text: string): void {
    const { length } = text;
    this.reserve(length, 0);
    const { units } = this;
    for (let at = 0; at < length; at++) units[at] = text.charCodeAt(at);
    this.length = length;
  }

  /** Makes room for so many pieces. */
  reservePieces(pieces: number): void {
    this.reserve(0, pieces);
    if (this.kinds.length === this.starts.length) return;
    this.kinds = new Uint8Array(this.starts.length);
    this.gaps = new Uint8Array(this.starts.length);
  }
}
