import { Failure } from '@logbert/failure';
import { describe, expect, it } from 'vitest';
import { keepTrying } from './keep-trying';

class Away extends Failure {
  readonly code = 'store/away';
  readonly retriable = true;
}

class Refused extends Failure {
  readonly code = 'store/refused';
  readonly retriable = false;
}

/** Fails so many times. */
function failing(times: number, error: Error) {
  let tries = 0;
  return async () => {
    if (tries++ < times) throw error;
    return tries;
  };
}

describe('keepTrying', () => {
  const patience = () => {
    const notices: string[] = [];
    const tell = (notice: string) => void notices.push(notice);
    return { notices, signal: new AbortController().signal, tell, firstPauseMs: 1, patienceMs: 20 };
  };

  it('gives what the work gives, and says nothing where it works', async () => {
    const calm = patience();
    expect(await keepTrying('saving', failing(0, new Away('away')), calm)).toBe(1);
    expect(calm.notices).toEqual([]);
  });

  it('tries again while a service is away, and says so once', async () => {
    const calm = patience();
    expect(await keepTrying('saving', failing(3, new Away('no route')), calm)).toBe(4);
    expect(calm.notices).toEqual([
      'saving is tried again: no route',
      'saving has worked after all',
    ]);
  });

  it('gives up when its patience is at an end', async () => {
    await expect(keepTrying('saving', failing(99, new Away('away')), patience())).rejects.toThrow(
      Away,
    );
  });

  it.each([new Refused('no'), new Error('no')])('does not repeat %o', async (error) => {
    await expect(keepTrying('saving', failing(1, error), patience())).rejects.toBe(error);
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const trying = keepTrying('saving', failing(99, new Away('away')), {
      ...patience(),
      signal: stop.signal,
      firstPauseMs: 60_000,
    });
    stop.abort();
    await expect(trying).rejects.toThrow(/abort/i);
  });
});
