import { describe, expect, it } from 'vitest';
import { seeded } from './seeded';
import { UntrainedDetector, windowsNeededUntrained } from './untrained-detector';

/** Sessions of four usual steps, a branch, and now and then a step of a long tail. */
function session(random: () => number, tail: number): Int32Array {
  const keys = [1, 2, random() < 0.5 ? 3 : 4, 5, 6];
  if (random() < 0.1) keys.push(7);
  if (random() < tail) keys.push(100 + Math.floor(1 / (random() + 1e-4)));
  return Int32Array.from(keys);
}

function shareFlagged(
  detector: UntrainedDetector,
  windows: number,
  next: (index: number) => Int32Array,
): number {
  let flagged = 0;
  for (let index = 0; index < windows; index++) {
    if (detector.judge(next(index)).isAnomaly) flagged++;
  }
  return flagged / windows;
}

describe('UntrainedDetector', () => {
  it.each([
    ['of a few kinds', 0],
    ['with a long tail', 0.02],
    ['of which every fifth has a step of the tail', 0.2],
  ])('flags no more of stationary traffic %s than the budget', (_name, tail) => {
    for (const alertBudget of [0.05, 0.005]) {
      let share = 0;
      const runs = 3;
      for (let seed = 1; seed <= runs; seed++) {
        const random = seeded(seed);
        const detector = UntrainedDetector.begin(alertBudget);
        share += shareFlagged(detector, 6_000, () => session(random, tail)) / runs;
      }
      expect(share).toBeLessThanOrEqual(1.5 * alertBudget);
    }
  });

  it('does not flag each template of a stream that finds new ones all the time', () => {
    const random = seeded(7);
    const share = shareFlagged(UntrainedDetector.begin(0.01), 5_000, (index) =>
      Int32Array.of(1, 2, 3, ...(random() < 0.1 ? [1_000 + index] : [])),
    );
    expect(share).toBeLessThanOrEqual(0.015);
  });

  it('looks no further than it takes to leave a window alone, where every window is odd', () => {
    const detector = UntrainedDetector.begin(0.01);
    for (let index = 0; index < 1_000; index++) {
      const { isAnomaly, pValue } = detector.judge(Int32Array.of(1, 2, 1_000 + index));
      if (index < 200) continue;
      expect(isAnomaly).toBe(false);
      expect(pValue).toBeGreaterThan(0.01);
      expect(pValue).toBeLessThan(0.03);
    }
  });

  it('flags nothing before as many windows were seen as the budget needs', () => {
    const detector = UntrainedDetector.begin(0.01);
    const share = shareFlagged(detector, 98, (index) => Int32Array.of(1, 2, 1_000 + index));
    expect(share).toBe(0);
    expect(detector.judge(Int32Array.of(777)).isAnomaly).toBe(false);
  });

  it('flags a template never seen as soon as the budget allows, and says which line', () => {
    const random = seeded(3);
    const detector = UntrainedDetector.begin(0.01);
    shareFlagged(detector, windowsNeededUntrained(0.01) ?? 0, () => session(random, 0));
    const verdict = detector.judge(Int32Array.of(1, 2, 999, 5, 6));
    expect(verdict).toMatchObject({
      isAnomaly: true,
      deciding: 'novelty',
      abnormalPositions: [2],
      unusual: [{ token: 999, share: 0 }],
    });
    expect(verdict.pValue).toBeLessThanOrEqual(0.01);
  });

  it('flags a window that lacks what the others have, and says what', () => {
    const random = seeded(4);
    const detector = UntrainedDetector.begin(0.01);
    shareFlagged(detector, 250, () => session(random, 0));
    const verdict = detector.judge(Int32Array.of(1, 2, 3, 5));
    expect(verdict).toMatchObject({ isAnomaly: true, deciding: 'rarity', abnormalPositions: [] });
    expect(verdict.missing).toMatchObject([{ token: 6 }]);
  });

  it('calls a change usual once it is frequent', () => {
    const random = seeded(5);
    const detector = UntrainedDetector.begin(0.01);
    shareFlagged(detector, 400, () => session(random, 0));
    const changed = () => Int32Array.of(...session(random, 0), 50);
    const share = shareFlagged(detector, 200, changed);
    expect(share).toBeLessThan(0.05);
    expect(detector.judge(changed()).isAnomaly).toBe(false);
  });

  it('judges a window that overlaps a remembered one and remembers it not', () => {
    const random = seeded(6);
    const detector = UntrainedDetector.begin(0.01);
    shareFlagged(detector, 300, () => session(random, 0));
    const before = detector.snapshot();
    expect(detector.judge(Int32Array.of(1, 2, 999, 5, 6), false).isAnomaly).toBe(true);
    expect(detector.snapshot()).toEqual(before);
  });

  it('goes on from a snapshot as if it had seen every window itself', () => {
    const random = seeded(8);
    const windows = Array.from({ length: 900 }, () => session(random, 0.05));
    const whole = UntrainedDetector.begin(0.02);
    const first = UntrainedDetector.begin(0.02);
    const expected = windows.map((window) => whole.judge(window));
    const before = windows.slice(0, 500).map((window) => first.judge(window));
    const kept = JSON.parse(JSON.stringify(first.snapshot())) as unknown;
    const second = UntrainedDetector.restore(kept, 0.02);
    expect([...before, ...windows.slice(500).map((window) => second.judge(window))]).toEqual(
      expected,
    );
    expect(expected.some(({ isAnomaly }) => isAnomaly)).toBe(true);
  });

  it('remembers no more windows than it uses', () => {
    const detector = UntrainedDetector.begin(0.2);
    shareFlagged(detector, 5_000, (index) => Int32Array.of(index));
    expect(detector.windows).toBe(200);
    expect(detector.snapshot().sets).toHaveLength(200);
  });

  it('refuses a snapshot that is none', () => {
    expect(() => UntrainedDetector.restore({ sets: 3 }, 0.01)).toThrow('cannot be read');
  });

  it('says that a budget is too small for what is remembered', () => {
    expect(windowsNeededUntrained(0.001)).toBe(1_000);
    expect(windowsNeededUntrained(1e-6)).toBeNull();
  });
});
