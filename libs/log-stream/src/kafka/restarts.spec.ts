import { describe, expect, it } from 'vitest';
import { Restarts } from './restarts';

describe('Restarts', () => {
  function restarts() {
    const clock = { ms: 0 };
    return { clock, restarts: new Restarts(() => clock.ms) };
  }
  const times = (count: number, act: () => unknown) => Array.from({ length: count }, act);

  it('says once that a consumer is stuck, after ten in vain and five minutes', () => {
    const { clock, restarts: counted } = restarts();
    times(20, () => expect(counted.next(true).isStuck).toBe(false));
    clock.ms = 300_000;
    expect(counted.next(true)).toMatchObject({ isStuck: true, count: 21 });
    expect(counted.next(true).isStuck).toBe(false);
  });

  it('does not hold it against a consumer that no broker answers, or no topic is there', () => {
    const { clock, restarts: counted } = restarts();
    times(50, () => counted.next(false));
    clock.ms = 3_600_000;
    expect(counted.next(false).isStuck).toBe(false);
  });

  it('forgets after a minute of fetches, and not for one between two crashes', () => {
    const { clock, restarts: counted } = restarts();
    times(12, () => {
      clock.ms += 30_000;
      counted.noteFetch();
      return counted.next(true);
    });
    expect(counted.next(true).count).toBe(13);
    clock.ms += 60_000;
    counted.noteFetch();
    expect(counted.next(true)).toMatchObject({ isStuck: false, count: 1 });
  });

  it('is under way from the crash until the next consumer has joined', () => {
    const { restarts: counted } = restarts();
    counted.next(true);
    counted.noteFetch();
    expect(counted.isUnderWay).toBe(true);
    counted.noteJoin();
    expect(counted.isUnderWay).toBe(false);
  });
});
