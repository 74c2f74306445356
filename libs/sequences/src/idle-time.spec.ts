import { describe, expect, it } from 'vitest';
import { IdleTimeLearner } from './idle-time';

/** Sessions one after another, each with the same silences between its lines. */
function learnt(sessions: number, silencesMs: (session: number) => readonly number[]) {
  const learner = new IdleTimeLearner();
  let at = 0;
  for (let session = 0; session < sessions; session++) {
    learner.note('0', `s${session}`, at);
    for (const silence of silencesMs(session)) learner.note('0', `s${session}`, (at += silence));
  }
  return learner.idleMs();
}

describe('IdleTimeLearner', () => {
  it('takes twice the longest silence that sessions have', () => {
    expect(learnt(200, () => [100, 4_000, 300])).toBe(8_000);
  });

  it('lets one session in a hundred be cut', () => {
    expect(learnt(200, (session) => [session < 2 ? 60_000 : 2_000])).toBe(4_000);
    expect(learnt(200, (session) => [session < 3 ? 60_000 : 2_000])).toBe(120_000);
  });

  it('stays between a second and an hour', () => {
    expect(learnt(50, () => [5])).toBe(1_000);
    expect(learnt(50, () => [86_400_000])).toBe(3_600_000);
  });

  it('measures silence by the clock of the stream, which never goes back', () => {
    const learner = new IdleTimeLearner();
    for (let session = 0; session < 30; session++) {
      learner.note('0', `s${session}`, 10_000);
      learner.note('0', `s${session}`, 2_000);
    }
    expect(learner.idleMs()).toBe(1_000);
  });

  it('keeps the clocks of partitions apart', () => {
    const learner = new IdleTimeLearner();
    for (let session = 0; session < 30; session++) {
      learner.note('a', `s${session}`, 1_000);
      learner.note('b', `late${session}`, 90_000);
      learner.note('a', `s${session}`, 2_000);
      learner.note('b', `late${session}`, 90_500);
    }
    expect(learner.idleMs()).toBe(2_000);
  });

  it('says nothing of fewer than 20 sessions of several lines', () => {
    expect(learnt(19, () => [500])).toBeUndefined();
    expect(learnt(500, () => [])).toBeUndefined();
  });
});
