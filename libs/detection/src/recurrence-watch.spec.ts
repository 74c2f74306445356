import { describe, expect, it } from 'vitest';
import { RecurrenceWatch } from './recurrence-watch';

const usual = RecurrenceWatch.learn([
  ...Array.from({ length: 980 }, () => []),
  ...Array.from({ length: 20 }, () => ['has 9']),
]);

describe('RecurrenceWatch', () => {
  it('says nothing about what comes for the first time', () => {
    expect(new RecurrenceWatch(usual).pValueOf(['lacks 7'])).toBe(1);
  });

  it('grows sure when the same oddity comes again', () => {
    const watch = new RecurrenceWatch(usual);
    const pValues: number[] = [];
    for (let window = 0; window < 4; window++) {
      pValues.push(watch.pValueOf(['lacks 7']));
      watch.enter(['lacks 7']);
    }
    expect(pValues[1]).toBeGreaterThan(1e-3);
    expect(pValues[3]).toBeLessThan(1e-5);
  });

  it('bears what is often odd in normal windows', () => {
    const watch = new RecurrenceWatch(usual);
    for (let window = 0; window < 100; window++) watch.enter(window % 33 === 0 ? ['has 9'] : []);
    expect(watch.pValueOf(['has 9'])).toBeGreaterThan(1e-3);
  });

  it('forgets after a hundred windows', () => {
    const watch = new RecurrenceWatch(usual);
    for (let window = 0; window < 5; window++) watch.enter(['lacks 7']);
    for (let window = 0; window < 100; window++) watch.enter([]);
    expect(watch.pValueOf(['lacks 7'])).toBe(1);
  });

  it('does not take a name of the object prototype for a feature', () => {
    const watch = new RecurrenceWatch(usual);
    for (let window = 0; window < 5; window++) watch.enter(['constructor']);
    expect(watch.pValueOf(['constructor'])).toBeLessThan(1e-5);
  });

  it('goes on from a snapshot as if nothing had happened', () => {
    const whole = new RecurrenceWatch(usual);
    const windows = Array.from({ length: 1_400 }, (_, window) =>
      window % 7 === 0 ? ['lacks 7'] : window % 31 === 0 ? ['has 9', 'lacks 3'] : [],
    );
    for (const features of windows) whole.enter(features);
    const second = new RecurrenceWatch(whole.snapshot());
    for (const features of [['lacks 7'], ['has 9'], ['lacks 3'], ['new']]) {
      expect(second.pValueOf(features)).toBe(whole.pValueOf(features));
      whole.enter(features);
      second.enter(features);
    }
    expect(second.snapshot()).toEqual(whole.snapshot());
  });
});
