import { describe, expect, it } from 'vitest';
import { type FetchedPartition, markAborted } from './hide-aborted';

const ABORT = Buffer.from([0, 0, 0, 0]);
const COMMIT = Buffer.from([0, 0, 0, 1]);

/** What is left of records and marks that are written `producer` and, for a mark, what it says. */
function leftOf(
  written: readonly (readonly [producer: string, mark?: Buffer])[],
  aborted: readonly (readonly [producer: string, firstOffset: number])[],
  from = 0,
) {
  const partition: FetchedPartition = {
    abortedTransactions: aborted.map(([producerId, firstOffset]) => ({
      producerId,
      firstOffset: String(firstOffset),
    })),
    messages: written.map(([producerId, mark], place) => ({
      offset: String(from + place),
      key: mark ?? Buffer.from('key'),
      isControlRecord: mark !== undefined,
      batchContext: { producerId, inTransaction: producerId !== '-1' },
    })),
  };
  markAborted(partition);
  expect(partition.abortedTransactions).toEqual([]);
  return partition.messages.flatMap(({ isControlRecord, offset }) =>
    isControlRecord === true ? [] : [Number(offset)],
  );
}

describe('markAborted', () => {
  it('passes over transactions that overlap, told in the order of their ends', () => {
    const written = [
      ['a'],
      ['b'],
      ['b', ABORT],
      ['a'],
      ['a', ABORT],
      ['a'],
      ['a', COMMIT],
    ] as const;
    const aborted = [
      ['b', 1],
      ['a', 0],
    ] as const;
    expect(leftOf(written, aborted)).toEqual([5]);
  });

  it('passes over two that had both begun before', () => {
    const aborted = [
      ['a', 3],
      ['b', 5],
    ] as const;
    expect(leftOf([['b'], ['a'], ['-1'], ['a', ABORT], ['b', ABORT]], aborted, 10)).toEqual([12]);
  });

  it('leaves what was committed before and after by the same producer, and what is in no transaction', () => {
    const written = [
      ['a'],
      ['a', COMMIT],
      ['a'],
      ['-1'],
      ['a', ABORT],
      ['a'],
      ['a', COMMIT],
    ] as const;
    expect(leftOf(written, [['a', 2]])).toEqual([0, 3, 5]);
    expect(leftOf([['a'], ['-1']], [])).toEqual([0, 1]);
  });
});
