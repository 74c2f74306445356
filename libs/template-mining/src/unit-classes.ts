import type { UnitSet } from '@logbert/log-records';
import { isTokenSpace } from './tokens';

/** UTF-16 code units that no set of a collection tells apart, as one class each; those that separate tokens come last. */
export class UnitClasses {
  /** The class of every code unit. */
  readonly of = new Uint8Array(0x1_0000);
  readonly count: number;
  /** The first class of white space. */
  readonly firstSpace: number;
  private readonly samples: readonly number[];

  private constructor(groups: readonly (readonly number[])[], starts: readonly number[]) {
    this.count = groups.length;
    this.samples = groups.map(([first]) => starts[first as number] as number);
    for (const [kind, group] of groups.entries()) {
      for (const index of group) {
        this.of.fill(kind, starts[index] as number, starts[index + 1] ?? 0x1_0000);
      }
    }
    const firstSpace = this.samples.findIndex(isTokenSpace);
    this.firstSpace = firstSpace < 0 ? this.count : firstSpace;
  }

  /** @returns undefined when there are more than `most` classes */
  static build(sets: readonly UnitSet[], most: number): UnitClasses | undefined {
    const starts = elementaryStarts(sets);
    const groups = new Map<string, number[]>();
    for (const [index, unit] of starts.entries()) {
      const members = sets.map((set) => (contains(set, unit) ? '1' : '0')).join('');
      const key = (isTokenSpace(unit) ? ' ' : '') + members;
      const group = groups.get(key);
      if (group) group.push(index);
      else groups.set(key, [index]);
    }
    if (groups.size > most) return undefined;
    const isSpace = ([key]: readonly [string, unknown]): number => (key.startsWith(' ') ? 1 : 0);
    const ordered = [...groups].sort((left, right) => isSpace(left) - isSpace(right));
    return new UnitClasses(
      ordered.map(([, group]) => group),
      starts,
    );
  }

  /** Whether the units of a class are in one of the sets the classes were built for. */
  isIn(set: UnitSet, kind: number): boolean {
    return contains(set, this.samples[kind] as number);
  }
}

export function contains(set: UnitSet, unit: number): boolean {
  return set.some(([from, to]) => from <= unit && unit <= to);
}

/** Where a set or a stretch of white space begins or has ended, in order. */
function elementaryStarts(sets: readonly UnitSet[]): readonly number[] {
  const starts = new Set([0]);
  for (const [from, to] of sets.flat()) starts.add(from).add(to + 1);
  for (let unit = 1; unit <= 0xffff; unit++) {
    if (isTokenSpace(unit) !== isTokenSpace(unit - 1)) starts.add(unit);
  }
  starts.delete(0x1_0000);
  return [...starts].sort((left, right) => left - right);
}
