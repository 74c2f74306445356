import { describe, expect, it } from 'vitest';
import { ListeningClock } from './listening-clock';

describe('ListeningClock', () => {
  it('goes on while everything is read and somebody looks', () => {
    const clock = new ListeningClock(1_000);
    clock.noteRead(true);
    for (const nowMs of [1_500, 2_000, 2_500]) clock.look(nowMs);
    expect(clock.heardMs).toBe(2_500);
  });

  it('stands still while more waits to be read', () => {
    const clock = new ListeningClock(1_000);
    clock.noteRead(false);
    clock.look(1_500);
    clock.look(2_000);
    expect(clock.heardMs).toBe(1_000);
    clock.noteRead(true);
    clock.look(2_500);
    expect(clock.heardMs).toBe(1_500);
  });

  it('goes on when nothing more comes, although something should', () => {
    const clock = new ListeningClock(0);
    clock.noteRead(false);
    for (let look = 1; look <= 30; look++) clock.look(500 * look);
    expect(clock.heardMs).toBe(10_000);
  });

  it('stands still while nobody looks, and when the clock of the machine is set back', () => {
    const clock = new ListeningClock(1_000);
    clock.noteRead(true);
    clock.look(61_000);
    expect(clock.heardMs).toBe(2_000);
    clock.look(5_000);
    clock.look(5_500);
    expect(clock.heardMs).toBe(2_500);
  });
});
