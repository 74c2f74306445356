import type { LogStream, OffsetSpan, RawRecord } from '@logbert/log-stream';
import { InvalidRequestFailure } from '../problems/request-failure';

export interface LetterPage {
  /** Newest first. */
  readonly letters: readonly RawRecord[];
  readonly nextCursor: string | null;
  readonly total: number;
}

type Letters = Pick<LogStream, 'readDeadLetters'>;

/**
 * Reads dead letters backwards: a page takes the newest of the ends of all partitions. The cursor says for each partition
 * where the page ended; letters that are parked meanwhile come before the first page.
 *
 * @param spans all letters that are kept
 * @throws InvalidRequestFailure for a cursor that was not given by this function
 */
export async function readLetterPage(
  stream: Letters,
  spans: readonly OffsetSpan[],
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
): Promise<LetterPage> {
  const total = spans.reduce((sum, { start, end }) => sum + end - start, 0);
  const ends = cursor === undefined ? undefined : decode(cursor);
  const left = spans.flatMap((span) => {
    const end = Math.min(span.end, ends === undefined ? span.end : (ends.get(span.partition) ?? 0));
    return end > span.start ? [{ ...span, end }] : [];
  });
  const found = await lastOf(stream, left, limit);
  const letters = found.sort(newestFirst).slice(0, limit);
  const next = left.flatMap((span) => {
    const own = letters.filter(({ partition }) => partition === span.partition);
    const end = Math.min(span.end, ...own.map(({ offset }) => offset));
    return end > span.start ? [[span.partition, end] as const] : [];
  });
  const isLast = letters.length < limit || next.length === 0;
  return { letters, nextCursor: isLast ? null : encode(next), total };
}

/** At least the last `limit` letters of the spans, or all of them; offsets without a letter are passed over. */
async function lastOf(
  stream: Letters,
  spans: readonly OffsetSpan[],
  limit: number,
): Promise<RawRecord[]> {
  const letters: RawRecord[] = [];
  for (let [left, reach] = [spans, limit]; left.length > 0; reach *= 4) {
    const parts = left.map((span) => ({ ...span, start: Math.max(span.start, span.end - reach) }));
    for await (const letter of stream.readDeadLetters(parts)) letters.push(letter);
    left = left.flatMap((span, index) => {
      const end = parts[index]?.start ?? span.start;
      const count = letters.filter(({ partition }) => partition === span.partition).length;
      return count < limit && end > span.start ? [{ ...span, end }] : [];
    });
  }
  return letters;
}

/** Within a partition by offset, which the clocks of several producers may contradict. */
function newestFirst(a: RawRecord, b: RawRecord): number {
  return a.partition === b.partition ? b.offset - a.offset : b.receivedAtMs - a.receivedAtMs;
}

function encode(ends: readonly (readonly [partition: number, end: number])[]): string {
  return ends.map(([partition, end]) => `${partition}-${end}`).join('.');
}

function decode(cursor: string): ReadonlyMap<number, number> {
  if (!/^\d{1,9}-\d{1,16}(?:\.\d{1,9}-\d{1,16})*$/.test(cursor)) {
    throw new InvalidRequestFailure([
      { field: 'cursor', reason: 'is not one that this list has given' },
    ]);
  }
  return new Map(
    cursor.split('.').map((part) => {
      const [partition, end] = part.split('-').map(Number);
      return [partition ?? 0, end ?? 0];
    }),
  );
}
