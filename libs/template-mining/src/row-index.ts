import type { Row } from './template-family';

/** Finds the row that has a line's words, exactly. */
export class RowIndex {
  private readonly byHash = new Map<number, Row[]>();

  /** @param line a number a piece, of which the first `count` are the line's */
  find(line: Int32Array, count: number): Row | undefined {
    const rows = this.byHash.get(hashOf(line, count));
    if (rows) for (const row of rows) if (isEqual(row.tokens, line, count)) return row;
    return undefined;
  }

  add(row: Row): void {
    const hash = hashOf(row.tokens, row.tokens.length);
    const rows = this.byHash.get(hash);
    if (rows) rows.push(row);
    else this.byHash.set(hash, [row]);
  }

  remove(row: Row): void {
    const hash = hashOf(row.tokens, row.tokens.length);
    const rows = this.byHash.get(hash);
    const at = rows?.indexOf(row) ?? -1;
    if (!rows || at < 0) return;
    if (rows.length === 1) this.byHash.delete(hash);
    else rows.splice(at, 1);
  }
}

function hashOf(tokens: Int32Array, count: number): number {
  let hash = count;
  for (let index = 0; index < count; index++) {
    hash = Math.imul(hash ^ (tokens[index] as number), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash;
}

function isEqual(tokens: Int32Array, line: Int32Array, count: number): boolean {
  if (tokens.length !== count) return false;
  for (let index = 0; index < count; index++) if (tokens[index] !== line[index]) return false;
  return true;
}
