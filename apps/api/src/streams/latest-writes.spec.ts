import { describe, expect, it } from 'vitest';
import { LatestWrites } from './latest-writes';

/** Writes that end when the test says so. */
class SlowPlace {
  readonly put: number[] = [];
  readonly failures: unknown[] = [];
  readonly writes = new LatestWrites<string, number>(
    (_, value) => this.write(value),
    (one, other) => one === other,
    (_, error) => this.failures.push(error),
  );
  private finish: ((error?: Error) => void) | undefined;

  async end(error?: Error): Promise<void> {
    this.finish?.(error);
    await new Promise(setImmediate);
  }

  private write(value: number): Promise<void> {
    this.put.push(value);
    return new Promise((resolve, reject) => {
      this.finish = (error) => (error ? reject(error) : resolve());
    });
  }
}

describe('LatestWrites', () => {
  it('writes one value at a time, and of those that came meanwhile the last', async () => {
    const place = new SlowPlace();
    for (const value of [1, 2, 3]) place.writes.want('here', value);
    expect(place.put).toEqual([1]);
    await place.end();
    await place.end();
    expect(place.put).toEqual([1, 3]);
  });

  it('does not write what is there', async () => {
    const place = new SlowPlace();
    place.writes.want('here', 1);
    await place.end();
    place.writes.want('here', 1);
    expect(place.put).toEqual([1]);
  });

  it('tries again with the next value what could not be written', async () => {
    const place = new SlowPlace();
    place.writes.want('here', 1);
    await place.end(new Error('gone'));
    place.writes.want('here', 1);
    expect(place.put).toEqual([1, 1]);
    expect(place.failures).toHaveLength(1);
  });

  it('writes again what was forgotten', async () => {
    const place = new SlowPlace();
    place.writes.want('here', 1);
    await place.end();
    place.writes.forget('here');
    place.writes.want('here', 1);
    expect(place.put).toEqual([1, 1]);
  });

  it('writes again what was forgotten while it was being written', async () => {
    const place = new SlowPlace();
    place.writes.want('here', 1);
    place.writes.forget('here');
    place.writes.want('here', 1);
    await place.end();
    expect(place.put).toEqual([1, 1]);
    await place.end();
    expect(place.put).toEqual([1, 1]);
  });

  it('ends with what is being written when nobody wants anything any more', async () => {
    const place = new SlowPlace();
    place.writes.want('here', 1);
    place.writes.want('here', 2);
    place.writes.forget('here');
    await place.end();
    expect(place.put).toEqual([1]);
  });
});
