import { describe, expect, it } from 'vitest';
import { Lane } from './lane';

const LONG_MS = 60_000;

describe('Lane', () => {
  it('lets in as many as there are places, and the others in their order', async () => {
    const lane = new Lane(2, 10);
    const entered: number[] = [];
    const entering = [0, 1, 2, 3].map(async (who) => {
      if (await lane.enter(LONG_MS)) entered.push(who);
    });
    await Promise.all(entering.slice(0, 2));
    expect(entered).toEqual([0, 1]);
    lane.leave();
    await entering[2];
    lane.leave();
    await entering[3];
    expect(entered).toEqual([0, 1, 2, 3]);
    expect(lane.isEmpty).toBe(false);
    lane.leave();
    lane.leave();
    expect(lane.isEmpty).toBe(true);
  });

  it('turns away who would wait behind too many, or waits too long', async () => {
    const lane = new Lane(1, 1);
    expect(await lane.enter(LONG_MS)).toBe(true);
    const impatient = lane.enter(1);
    expect(await lane.enter(LONG_MS)).toBe(false);
    expect(await impatient).toBe(false);
    const patient = lane.enter(LONG_MS);
    lane.leave();
    expect(await patient).toBe(true);
  });
});
