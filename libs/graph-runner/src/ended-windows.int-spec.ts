import type { TrainedLogBert, WindowScore } from '@logbert/logbert';
import { beforeAll, describe, expect, it } from 'vitest';
import { A, architecture, B, C, D, score, settings, train, UNKNOWN } from './tiny-training';

const sessionsCutAt = 12;

describe('windows that end by themselves', () => {
  let trained: TrainedLogBert;
  const scoreOf = async (...tokens: readonly number[]): Promise<WindowScore> => {
    const [result] = await score(trained, [Int32Array.from(tokens)]);
    if (!result) throw new RangeError('a score for each window');
    return result;
  };

  beforeAll(async () => {
    trained = await train({
      architecture: { ...architecture, sessionsCutAt },
      settings: { ...settings, epochs: 12 },
    });
  });

  it('are surprising when they break off', async () => {
    const whole = await scoreOf(A, B, C, D);
    const broken = await scoreOf(A, B, C, D, A, B);
    expect(whole.endSurprise).toBeLessThan(3);
    expect(broken.endSurprise).toBeGreaterThan((whole.endSurprise ?? NaN) + 1);
    expect(broken.nextAlternatives?.[0]?.token).toBe(C);
  });

  it('are not asked for their end where they were cut', async () => {
    const cut = await scoreOf(A, B, C, D, A, B, C, D, A, B, C, D);
    expect(cut.endSurprise).toBeUndefined();
    expect(cut.surprise).toHaveLength(sessionsCutAt);
  });

  it('are not asked for it by a model that learnt none', async () => {
    const [result] = await score(await train(), [Int32Array.of(A, B, C, D)]);
    expect(result?.endSurprise).toBeUndefined();
  });

  it('tell a key that is expected nowhere from one in the wrong place', async () => {
    const swapped = await scoreOf(A, C, B, D);
    const foreign = await scoreOf(A, B, UNKNOWN, D);
    expect(Math.max(...swapped.surprise)).toBeGreaterThan(1);
    expect(Math.max(...(swapped.presence ?? [NaN]))).toBeLessThan(1);
    expect(foreign.presence?.[2]).toBeGreaterThan(2);
  });

  it('score the same in company and alone', async () => {
    const windows = [
      [A, B, C, D],
      [A, B],
      [A, B, C, D, A, B, C, D, A, B, C, D],
    ].map((tokens) => Int32Array.from(tokens));
    const together = await score(trained, windows);
    for (const [index, window] of windows.entries()) {
      const [alone] = await score(trained, [window]);
      expect(together[index]?.endSurprise ?? -1).toBeCloseTo(alone?.endSurprise ?? -1, 4);
      for (const [line, nats] of (alone?.presence ?? []).entries()) {
        expect(together[index]?.presence?.[line]).toBeCloseTo(nats, 4);
      }
    }
  });
});
