import type { OffsetSpan, RawRecord } from '@logbert/log-stream';
import { describe, expect, it } from 'vitest';
import { readLetterPage } from './letter-pages';

describe('readLetterPage', () => {
  /** Letters in two partitions, parked in turns; offsets without a letter are left out of the topic. */
  const letters = (gone: (offset: number) => boolean): RawRecord[] =>
    Array.from({ length: 60 }, (_, at) => ({
      stream: 'shop',
      source: 'dlq',
      partition: at % 2,
      offset: 10 + Math.floor(at / 2),
      key: undefined,
      headers: {},
      value: new Uint8Array(0),
      receivedAtMs: at,
    })).filter(({ offset }) => !gone(offset));
  const spans = [0, 1].map((partition) => ({ partition, start: 10, end: 40 }));
  const streamOf = (kept: readonly RawRecord[]) => ({
    async *readDeadLetters(wanted: readonly OffsetSpan[]) {
      for (const { partition, start, end } of wanted) {
        for (const letter of kept) {
          if (letter.partition !== partition) continue;
          if (letter.offset >= start && letter.offset < end) yield letter;
        }
      }
    },
  });

  async function all(kept: readonly RawRecord[], limit: number): Promise<number[]> {
    const times: number[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < 100; page++) {
      const found = await readLetterPage(streamOf(kept), spans, { limit, cursor });
      expect(found.letters.length).toBeLessThanOrEqual(limit);
      times.push(...found.letters.map(({ receivedAtMs }) => receivedAtMs));
      if (found.nextCursor === null) return times;
      cursor = found.nextCursor;
    }
    throw new Error('the pages have no end');
  }

  it.each([1, 7, 59, 60, 200])(
    'gives every letter once, newest first, %i a page',
    async (limit) => {
      const newestFirst = Array.from({ length: 60 }, (_, at) => 59 - at);
      expect(
        await all(
          letters(() => false),
          limit,
        ),
      ).toEqual(newestFirst);
    },
  );

  it('passes over offsets that have no letter', async () => {
    const kept = letters((offset) => offset > 12 && offset < 38);
    const times = kept.map(({ receivedAtMs }) => receivedAtMs).toReversed();
    expect(await all(kept, 4)).toEqual(times);
  });

  it('tells how many there are, and refuses a cursor that is none', async () => {
    const stream = streamOf(letters(() => false));
    expect(await readLetterPage(stream, spans, { limit: 1 })).toMatchObject({ total: 60 });
    await expect(
      readLetterPage(stream, spans, { limit: 1, cursor: '0-1.x' }),
    ).rejects.toMatchObject({
      status: 400,
    });
  });
});
