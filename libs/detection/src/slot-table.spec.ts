import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SlotTable } from './slot-table';

const numbers = fc.oneof(
  fc.integer({ min: -8, max: 8 }),
  fc.integer({ min: -(2 ** 53) + 1, max: 2 ** 53 - 1 }),
  fc.constantFrom(2 ** 32, -(2 ** 32), 2 ** 31, -(2 ** 52) - 2 ** 34),
);

describe('SlotTable', () => {
  it('gives a number the same slot until it is released, and no two the same', () => {
    const steps = fc.array(fc.record({ number: numbers, isTaken: fc.boolean() }), {
      maxLength: 400,
    });
    fc.assert(
      fc.property(steps, (all) => {
        const table = new SlotTable();
        const slots = new Map<number, number>();
        for (const { number, isTaken } of all) {
          if (isTaken) {
            const slot = table.take(number);
            expect(slot).toBe(slots.get(number) ?? slot);
            slots.set(number, slot);
          } else {
            table.release(number);
            slots.delete(number);
          }
          expect(table.has(number)).toBe(isTaken);
        }
        expect(table.size).toBe(slots.size);
        expect(new Set(table)).toEqual(new Set(slots.keys()));
        expect(new Set(slots.values()).size).toBe(slots.size);
        for (const [number, slot] of slots) {
          expect(slot).toBeLessThan(table.capacity);
          expect(table.numberAt(slot)).toBe(number);
        }
      }),
    );
  });

  it('has room for many, and gives slots again that were released', () => {
    const table = new SlotTable();
    for (let number = 0; number < 100_000; number++) table.take(-number * 0x1_0000_0001);
    const { capacity } = table;
    for (let number = 0; number < 100_000; number++) table.release(-number * 0x1_0000_0001);
    expect(table.size).toBe(0);
    for (let number = 0; number < 100_000; number++) table.take(number);
    expect(table.capacity).toBe(capacity);
    expect([...table]).toHaveLength(100_000);
  });
});
