import type { Page } from '@logbert/contracts';
import { sql, type AnyColumn, type SQL } from 'drizzle-orm';
import { InvalidCursorFailure } from './database-failures';

/** The place of a row in a list that is sorted by a number and then by id, both descending. */
export interface Position {
  readonly at: number;
  readonly id: string;
}

/** The condition for rows after the cursor; none for the first page. */
export function afterCursor(
  cursor: string | undefined,
  at: AnyColumn,
  id: AnyColumn,
): SQL | undefined {
  if (cursor === undefined) return undefined;
  const position = decode(cursor);
  return sql`(${at}, ${id}) < (${position.at}::bigint, ${position.id})`;
}

/** A page from up to `limit + 1` rows: the one too many only tells that there is a next page. */
export function toPage<Row, Item>(
  rows: readonly Row[],
  limit: number,
  positionOf: (row: Row) => Position,
  itemOf: (row: Row) => Item,
): Page<Item> {
  const shown = rows.slice(0, limit);
  const last = rows.length > limit ? shown.at(-1) : undefined;
  return {
    items: shown.map(itemOf),
    nextCursor: last === undefined ? null : encode(positionOf(last)),
  };
}

function encode({ at, id }: Position): string {
  return Buffer.from(JSON.stringify([at, id])).toString('base64url');
}

function decode(cursor: string): Position {
  const parts: unknown = parse(Buffer.from(cursor, 'base64url').toString());
  if (!Array.isArray(parts) || parts.length !== 2) throw new InvalidCursorFailure();
  const [at, id]: unknown[] = parts;
  if (
    !Number.isSafeInteger(at) ||
    typeof at !== 'number' ||
    typeof id !== 'string' ||
    id.includes('\0')
  ) {
    throw new InvalidCursorFailure();
  }
  return { at, id };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidCursorFailure();
  }
}
