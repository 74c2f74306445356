import { TestBed } from '@angular/core/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Clock } from './clock';

describe('Clock', () => {
  beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
  afterEach(() => void vi.useRealTimers());

  it('tells the time of a server whose clock is another, and leaves delays of the network alone', () => {
    const clock = TestBed.inject(Clock);
    expect(clock.serverMs()).toBe(1_000_000);
    clock.noteServer(999_500);
    expect(clock.serverMs()).toBe(1_000_000);
    clock.noteServer(940_000);
    expect(clock.serverMs()).toBe(940_000);
    clock.noteServer(939_700);
    vi.advanceTimersByTime(2_000);
    expect(clock.serverMs()).toBe(942_000);
    expect(clock.nowMs()).toBe(1_002_000);
  });
});
