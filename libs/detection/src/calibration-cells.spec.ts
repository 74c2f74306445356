import { describe, expect, it } from 'vitest';
import { CalibrationCells } from './calibration-cells';

function windows(group: string | undefined, lengths: readonly number[]) {
  return lengths.map((length) => ({ length, group }));
}

const steps = (count: number, from = 1): number[] =>
  Array.from({ length: count }, (_, index) => from + index);

describe('CalibrationCells', () => {
  it('gives a group with enough windows cells of its own, by its own lengths', () => {
    const cells = CalibrationCells.of([
      ...windows('api', steps(600)),
      ...windows('worker', steps(600, 1_001)),
    ]);
    const ofApi = [1, 200, 400, 600].map((length) => cells.cellOf({ length, group: 'api' }));
    expect(new Set(ofApi).size).toBe(4);
    const ofWorker = cells.cellOf({ length: 150, group: 'worker' });
    expect(ofApi).not.toContain(ofWorker);
    expect(cells.areAlike(ofApi[0] ?? -1, ofApi[3] ?? -1)).toBe(true);
    expect(cells.areAlike(ofApi[0] ?? -1, ofWorker)).toBe(false);
  });

  it('compares the windows of a small group with all others', () => {
    const cells = CalibrationCells.of([...windows('api', steps(600)), ...windows('cron', [7, 8])]);
    const small = cells.cellOf({ length: 7, group: 'cron' });
    expect(small).toBe(cells.cellOf({ length: 7, group: 'never seen' }));
    expect(small).toBe(cells.cellOf({ length: 7, group: undefined }));
    expect(small).not.toBe(cells.cellOf({ length: 7, group: 'api' }));
  });

  it('keeps the 32 largest of many groups', () => {
    const groups = steps(50).map((index) => windows(`service-${index}`, steps(500 + index)));
    const { groups: kept } = CalibrationCells.of(groups.flat()).snapshot();
    expect(kept).toHaveLength(32);
    expect(kept).toContain('service-50');
    expect(kept).not.toContain('service-18');
  });

  it('survives a snapshot, and reads those in which a group is one cell', () => {
    const cells = CalibrationCells.of([...windows('api', steps(600)), ...windows('x', steps(500))]);
    const copy = CalibrationCells.restore(cells.snapshot());
    for (const length of steps(400)) {
      expect(copy.cellOf({ length, group: 'x' })).toBe(cells.cellOf({ length, group: 'x' }));
    }
    const old = CalibrationCells.restore({ groups: ['api'], edges: [10] });
    expect(old.count).toBe(3);
    expect(old.cellOf({ length: 99, group: 'api' })).toBe(2);
  });
});
