import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RepeatedWarnings } from './repeated-warnings';

describe('RepeatedWarnings', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function listen(): { readonly warnings: RepeatedWarnings; readonly said: string[] } {
    const said: string[] = [];
    return { said, warnings: new RepeatedWarnings((text) => void said.push(text)) };
  }

  it('says a thing at once, and every ten seconds how often it was since', () => {
    const { warnings, said } = listen();
    for (let time = 0; time < 5; time++) warnings.say('full');
    warnings.say('slow');
    expect(said).toEqual(['full', 'slow']);
    vi.advanceTimersByTime(10_000);
    expect(said.slice(2)).toEqual(['full (4 more in the last 10 s)']);
    warnings.say('full');
    vi.advanceTimersByTime(10_000);
    expect(said.slice(3)).toEqual(['full (1 more in the last 10 s)']);
  });

  it('says it at once again after ten seconds of silence', () => {
    const { warnings, said } = listen();
    warnings.say('full');
    vi.advanceTimersByTime(10_000);
    warnings.say('full');
    expect(said).toEqual(['full', 'full']);
  });

  it('tells no more than so many things apart', () => {
    const { warnings, said } = listen();
    for (let kind = 0; kind < 10_000; kind++) warnings.say(`stream ${kind}`);
    expect(said).toHaveLength(65);
    expect(said.at(-1)).toBe('other requests were refused');
    vi.advanceTimersByTime(10_000);
    expect(said.slice(65)).toEqual(['other requests were refused (9935 more in the last 10 s)']);
  });
});
