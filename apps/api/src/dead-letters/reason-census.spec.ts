import type { OffsetSpan, RawRecord } from '@logbert/log-stream';
import { describe, expect, it } from 'vitest';
import { ReasonCensus } from './reason-census';

/** Dead letters in partitions, oldest first, with what was read of them. */
class Letters {
  readonly read: string[] = [];
  private readonly kept: RawRecord[] = [];
  private readonly ends = new Map<number, number>();
  failAt: string | undefined;

  park(reason: string | undefined, { partition = 0, count = 1, skipped = 0 } = {}): void {
    for (let left = count; left > 0; left--) {
      const offset = (this.ends.get(partition) ?? 0) + skipped;
      this.ends.set(partition, offset + 1);
      this.kept.push({
        ...{ stream: 'shop', source: 'dlq', partition, offset, key: undefined, receivedAtMs: 0 },
        headers: reason === undefined ? {} : { 'logbert-reason': reason },
        value: new Uint8Array(10),
      });
    }
  }

  /** Forgets the oldest letters. */
  forget(count: number): void {
    this.kept.splice(0, count);
  }

  get spans(): OffsetSpan[] {
    return [...this.ends].flatMap(([partition, end]) => {
      const start = this.kept.find((letter) => letter.partition === partition)?.offset;
      return start === undefined ? [] : [{ partition, start, end }];
    });
  }

  async *readDeadLetters(spans: readonly OffsetSpan[]) {
    for (const { partition, start, end } of spans) {
      for (const letter of this.kept) {
        const { offset } = letter;
        if (letter.partition !== partition || offset < start || offset >= end) continue;
        if (`${partition}-${offset}` === this.failAt) throw new Error('the disk is gone');
        this.read.push(`${partition}-${offset}`);
        yield letter;
      }
    }
  }
}

describe('ReasonCensus', () => {
  const start = (limits?: { letters: number; bytes: number }) => {
    const letters = new Letters();
    const census = new ReasonCensus(letters, limits);
    const count = async () => {
      await census.count(letters.spans);
      return census.summary(letters.spans);
    };
    return { letters, census, count };
  };

  it('is empty without letters', async () => {
    expect(await start().count()).toEqual({ byCode: [], others: 0, uncounted: 0 });
  });

  it('counts by code over all partitions, the most frequent first and equal ones by name', async () => {
    const { letters, count } = start();
    letters.park('log-records/json: not JSON');
    letters.park('log-records/json: another text', { partition: 3 });
    letters.park('unforeseen: TypeError');
    letters.park('a/b: c');
    expect(await count()).toEqual({
      byCode: [
        { code: 'log-records/json', letters: 2 },
        { code: 'a/b', letters: 1 },
        { code: 'unforeseen', letters: 1 },
      ],
      others: 0,
      uncounted: 0,
    });
  });

  it.each([
    ['no reason', undefined],
    ['a text without a code', 'password=hunter2 was refused: yes'],
    ['a code that is too long', 'x'.repeat(101)],
  ])('calls %s unknown', async (_case, reason) => {
    const { letters, count } = start();
    letters.park(reason);
    expect((await count()).byCode).toEqual([{ code: 'unknown', letters: 1 }]);
  });

  it('names twenty codes and adds up the rest, however many they are', async () => {
    const { letters, count } = start();
    for (let code = 0; code < 300; code++) letters.park(`code/${code}: odd`, { count: 300 - code });
    const { byCode, others } = await count();
    expect(byCode.map(({ code }) => code)).toEqual(
      Array.from({ length: 20 }, (_, code) => `code/${code}`),
    );
    expect(others).toBe((280 * 281) / 2);
  });

  it('reads each letter once, and none when nothing came', async () => {
    const { letters, count } = start();
    letters.park('a: b', { count: 2 });
    await count();
    await count();
    letters.park('a: b');
    expect((await count()).byCode).toEqual([{ code: 'a', letters: 3 }]);
    expect(letters.read).toEqual(['0-0', '0-1', '0-2']);
  });

  it('takes off what is not kept any more, also whole partitions', async () => {
    const { letters, count } = start();
    letters.park('a: b', { count: 2 });
    letters.park('c: d', { count: 2 });
    letters.park('e: f', { partition: 1 });
    await count();
    letters.forget(3);
    expect((await count()).byCode).toEqual([
      { code: 'c', letters: 1 },
      { code: 'e', letters: 1 },
    ]);
    letters.forget(1);
    expect((await count()).byCode).toEqual([{ code: 'e', letters: 1 }]);
    letters.forget(1);
    expect(await count()).toEqual({ byCode: [], others: 0, uncounted: 0 });
  });

  it('begins anew with a topic that was made anew', async () => {
    const { letters, census } = start();
    letters.park('a: b', { count: 5 });
    await census.count(letters.spans);
    const spans = [{ partition: 0, start: 0, end: 2 }];
    await census.count(spans);
    expect(census.summary(spans)).toMatchObject({ byCode: [{ letters: 2 }], uncounted: 0 });
  });

  it('passes over offsets that hold no letter', async () => {
    const { letters, census, count } = start();
    letters.park('a: b', { count: 3, skipped: 2 });
    expect(await count()).toMatchObject({ byCode: [{ letters: 3 }], uncounted: 0 });
    const spans = letters.spans.map((span) => ({ ...span, end: span.end + 4 }));
    await census.count(spans);
    expect(census.summary(spans)).toMatchObject({ byCode: [{ letters: 3 }], uncounted: 0 });
  });

  it('counts the newest of very many, and says how many it left out', async () => {
    const { letters, count } = start({ letters: 10, bytes: 1e6 });
    letters.park('a: b', { count: 12 });
    expect(await count()).toEqual({
      byCode: [{ code: 'a', letters: 10 }],
      others: 0,
      uncounted: 2,
    });
    letters.park('c: d', { count: 4 });
    expect(await count()).toEqual({
      byCode: [
        { code: 'a', letters: 6 },
        { code: 'c', letters: 4 },
      ],
      others: 0,
      uncounted: 6,
    });
  });

  it('reads no more at once than it may, and goes on the next time', async () => {
    const { letters, count } = start({ letters: 100, bytes: 30 });
    letters.park('a: b', { count: 5 });
    expect(await count()).toMatchObject({ byCode: [{ letters: 3 }], uncounted: 2 });
    expect(await count()).toMatchObject({ byCode: [{ letters: 5 }], uncounted: 0 });
    expect(letters.read).toHaveLength(5);
  });

  it('keeps what was counted when a reading fails or is stopped', async () => {
    const { letters, census, count } = start();
    letters.park('a: b', { count: 3 });
    letters.failAt = '0-2';
    await expect(count()).rejects.toThrow('the disk is gone');
    expect(census.summary(letters.spans)).toMatchObject({ byCode: [{ letters: 2 }], uncounted: 1 });
    letters.failAt = undefined;
    census.stop();
    expect(await count()).toMatchObject({ byCode: [{ letters: 2 }], uncounted: 1 });
  });

  it('reads once for all who ask meanwhile', async () => {
    const { letters, count } = start();
    letters.park('a: b', { count: 3 });
    const answers = await Promise.all([count(), count(), count()]);
    for (const answer of answers) expect(answer).toMatchObject({ byCode: [{ letters: 3 }] });
    expect(letters.read).toHaveLength(3);
  });
});
