import { describe, expect, it } from 'vitest';
import { FalseAlertCourse, falseAlertSentence } from './false-alert-course';

describe('FalseAlertCourse', () => {
  it('counts flagged normal sessions by when they were judged first, once each', () => {
    const course = new FalseAlertCourse();
    const labels = new Map<string, boolean>([['bad', true]]);
    for (let session = 0; session < 700; session++) {
      labels.set(`s${session}`, false);
      course.note(`s${session}`, session === 3 || session >= 698);
      if (session === 600) course.note('bad', true);
    }
    course.note('s3', true);
    course.note('s4', true);
    course.note('not counted', true);
    course.settle('s3', 'confirmed');
    course.settle('s4', 'retracted');
    course.settle('s699', 'confirmed');
    const steps = course.steps(labels);
    expect(steps).toEqual({ sessionsAStep: 500, immediate: [2, 2], deferred: [1, 1] });
    expect(falseAlertSentence(steps)).toBe(
      'false alerts of each 500 normal sessions in a row: 2, 2; that stood fifty windows later: 1, 1',
    );
  });
});
