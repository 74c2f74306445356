import { describe, expect, it } from 'vitest';
import { packLines, unpackLines } from './state-lines';

describe('packed lines', () => {
  const values = Array.from({ length: 5_000 }, (_, index) => ({
    index,
    text: `line ${index} – ${'ü🙂\n'.repeat(index % 50)}`,
  }));

  it('come out as they went in, more than one piece of them', async () => {
    const packed = await packLines(values, 1_000_000);
    const unpacked = [];
    for await (const value of unpackLines(packed ?? new Uint8Array())) unpacked.push(value);
    expect(unpacked).toEqual(values);
  });

  it('are given up when they are too many', async () => {
    expect(await packLines(values, 1_000)).toBeNull();
  });

  it('may be none', async () => {
    const packed = await packLines([], 1_000);
    const { done } = await unpackLines(packed ?? new Uint8Array()).next();
    expect(done).toBe(true);
  });

  it('are refused when they are damaged', async () => {
    const packed = (await packLines(values, 1_000_000)) ?? new Uint8Array();
    packed[200] = 255 - (packed[200] ?? 0);
    const reading = async () => {
      for await (const value of unpackLines(packed)) expect(value).toBeDefined();
    };
    await expect(reading()).rejects.toThrow();
  });
});
