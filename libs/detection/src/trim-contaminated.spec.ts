import { describe, expect, it } from 'vitest';
import { trimContaminated } from './trim-contaminated';

const usual = (index: number) => Int32Array.of(4, 5, 6 + (index % 3));

describe('trimContaminated', () => {
  it('leaves out a recurring anomaly', () => {
    const windows = Array.from({ length: 1_000 }, (_, index) =>
      index % 50 === 7 ? Int32Array.of(4, 9, 9) : usual(index),
    );
    const { kept, trimmed } = trimContaminated(windows, 0.05);
    expect(trimmed).toHaveLength(20);
    expect(trimmed.every((index) => index % 50 === 7)).toBe(true);
    expect(kept).toHaveLength(980);
  });

  it('leaves out sessions that lack what all others have', () => {
    const windows = Array.from({ length: 500 }, (_, index) =>
      index < 8 ? Int32Array.of(4, 6 + (index % 3)) : usual(index),
    );
    expect(trimContaminated(windows, 0.05).trimmed).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('leaves out an anomaly that another one hid', () => {
    // Both lack 5 and all that follows: together more than two windows in a hundred, too many for what either lacks to be rare.
    const windows = Array.from({ length: 1_000 }, (_, index) => {
      if (index % 70 === 7) return Int32Array.of(4);
      return index % 100 === 3 ? Int32Array.of(4, 9) : usual(index);
    });
    expect(trimContaminated(windows, 0.05).trimmed).toHaveLength(25);
  });

  it('keeps the few rare windows of a clean stream', () => {
    const windows = Array.from({ length: 1_000 }, (_, index) =>
      index < 4 ? Int32Array.of(4, 5, 6, 20 + index) : usual(index),
    );
    expect(trimContaminated(windows, 0.05).trimmed).toEqual([]);
  });

  it('leaves a diverse workload alone', () => {
    const windows = Array.from({ length: 400 }, (_, index) =>
      Int32Array.of(4, 5, 10 + (index % 90)),
    );
    expect(trimContaminated(windows, 0.05).trimmed).toEqual([]);
  });

  it('keeps a seldom taken route and the branches of a common one', () => {
    const windows = Array.from({ length: 2_000 }, (_, index) => {
      if (index % 100 === 0) return Int32Array.of(20, 21, 22);
      // One login in ten fails, which is less than one window in a hundred.
      if (index % 12 === 1) return Int32Array.of(4, 10, index % 120 === 1 ? 11 : 12);
      return index % 100 === 50 ? Int32Array.of(4, 9, 9) : usual(index);
    });
    const { trimmed } = trimContaminated(windows, 0.05);
    expect(trimmed).toHaveLength(20);
    expect(trimmed.every((index) => index % 100 === 50)).toBe(true);
  });

  it('never leaves out more than it may, nor half of a kind', () => {
    const windows = Array.from({ length: 1_000 }, (_, index) => {
      if (index < 15) return Int32Array.of(4, 8, 9);
      return index < 33 ? Int32Array.of(4, 7, 11) : usual(0);
    });
    const { trimmed } = trimContaminated(windows, 0.031);
    expect(trimmed).toHaveLength(15);
  });

  it.each([
    ['no window', 0, 0.05],
    ['too few windows', 19, 0.4],
    ['nothing that may go', 500, 0],
  ])('keeps everything of %s', (_case, count, share) => {
    const windows = Array.from({ length: count }, (_, index) => usual(index));
    expect(trimContaminated(windows, share).kept).toHaveLength(count);
  });
});
