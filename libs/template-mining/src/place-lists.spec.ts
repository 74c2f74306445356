import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PlaceLists } from './place-lists';

const PLACES = 3;

const entry = fc.record({
  row: fc.nat(20),
  token: fc.oneof(fc.nat(6), fc.constantFrom(1 << 20, 2 ** 31 - 1)),
  place: fc.nat(PLACES - 1),
});

describe('PlaceLists', () => {
  it('names the rows that were added and not taken out again, whatever came before', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 400 }), (entries) => {
        const lists = new PlaceLists(PLACES);
        const model = new Map<string, Set<number>>();
        for (const { row, token, place } of entries) {
          const name = `${token} ${place}`;
          const rows = model.get(name) ?? new Set();
          model.set(name, rows);
          // An entry that comes twice is taken out the second time.
          if (rows.delete(row)) lists.remove(row, token, place);
          else {
            rows.add(row);
            lists.add(row, token, place);
          }
          for (const [asked, expected] of model) {
            const [askedToken, askedPlace] = asked.split(' ').map(Number) as [number, number];
            expect(new Set(lists.get(askedToken, askedPlace) ?? [])).toEqual(expected);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('keeps lists apart whose tokens differ by little, while they grow', () => {
    const lists = new PlaceLists(100);
    for (let token = 0; token < 20_000; token++) lists.add(token, token, token % 100);
    for (let token = 0; token < 20_000; token++) {
      expect(lists.get(token, token % 100)).toEqual([token]);
      expect(lists.get(token, (token + 1) % 100)).toBeUndefined();
    }
  });

  it('names more rows, never fewer, where two keys are the same in 32 bits', () => {
    const lists = new PlaceLists(4);
    lists.add(1, 5, 2);
    lists.add(2, 5 + 2 ** 30, 2);
    expect(lists.get(5, 2)).toEqual([1, 2]);
    lists.remove(1, 5, 2);
    expect(lists.get(5 + 2 ** 30, 2)).toEqual([2]);
  });
});
