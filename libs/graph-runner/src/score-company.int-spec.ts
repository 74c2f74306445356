import { describe, expect, it } from 'vitest';
import { A, architecture, score, settings, train } from './tiny-training';

describe('LogBertScorer', () => {
  // Whatever the number of classes leaves, divided by the four numbers that a processor adds at once.
  it.each([29, 30, 31, 32])(
    'gives a window the same score to the bit in any company, %i tokens',
    async (vocabularySize) => {
      const windows = Array.from({ length: 40 }, (_, i) =>
        Int32Array.from(
          { length: 3 + (i % 9) },
          (_key, j) => A + ((i * i + 3 * i * j + j * j) % 25),
        ),
      );
      const trained = await train({
        training: windows,
        architecture: { ...architecture, vocabularySize, sessionsCutAt: 10 },
        settings: { ...settings, epochs: 1 },
      });
      const alone = [];
      for (const window of windows) alone.push(...(await score(trained, [window])));
      expect(await score(trained, windows)).toEqual(alone);
    },
  );
});
