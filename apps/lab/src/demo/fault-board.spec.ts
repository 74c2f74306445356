import { DEMO_FAULTS } from '@logbert/contracts';
import { describe, expect, it } from 'vitest';
import { FaultBoard } from './fault-board';
import { RandomSource } from './random-source';

const SECOND_MS = 1_000;
const boardAt = (startMs: number) => new FaultBoard(new RandomSource(1), startMs);

function begins(board: FaultBoard, seconds: number): { second: number; name: string }[] {
  const found = [];
  for (let second = 0; second <= seconds; second++) {
    for (const { name, isActive } of board.turn(second * SECOND_MS)) {
      if (isActive) found.push({ second, name });
    }
  }
  return found;
}

describe('FaultBoard', () => {
  it('begins the first fault 10 s after going live and another every 60 to 90 s', () => {
    const found = begins(boardAt(0), 600);
    expect(found[0]).toEqual({ second: 10, name: 'dependency-timeout' });
    found.slice(1).forEach(({ second }, index) => {
      const pause = second - (found[index]?.second ?? 0);
      expect(pause).toBeGreaterThanOrEqual(60);
      expect(pause).toBeLessThanOrEqual(91);
    });
  });

  it('takes every fault once before it takes one again', () => {
    const names = begins(boardAt(0), 600).map(({ name }) => name);
    expect(new Set(names.slice(0, DEMO_FAULTS.length))).toEqual(new Set(DEMO_FAULTS));
  });

  it('begins nothing by itself when it is not automatic', () => {
    const board = boardAt(0);
    board.isAutomatic = false;
    expect(begins(board, 600)).toEqual([]);
  });

  it('begins a wanted fault at once and ends it after 15 to 20 s', () => {
    const board = boardAt(0);
    board.isAutomatic = false;
    board.switchOn('disk-full');
    expect(board.turn(0)).toEqual([{ name: 'disk-full', isActive: true }]);
    const fault = board.faults.find(({ name }) => name === 'disk-full');
    expect(fault).toMatchObject({ isActive: true, service: 'db-proxy' });
    expect(fault?.activeUntil).toBeGreaterThanOrEqual(15 * SECOND_MS);
    expect(fault?.activeUntil).toBeLessThanOrEqual(20 * SECOND_MS);
    expect(board.turn(14 * SECOND_MS)).toEqual([]);
    expect(board.turn(20 * SECOND_MS)).toEqual([{ name: 'disk-full', isActive: false }]);
  });

  it('lets a fault that is on last longer when it is wanted again', () => {
    const board = boardAt(0);
    board.isAutomatic = false;
    board.switchOn('disk-full');
    board.turn(0);
    board.switchOn('disk-full');
    expect(board.turn(12 * SECOND_MS)).toEqual([]);
    expect(board.turn(24 * SECOND_MS)).toEqual([]);
  });
});
