import { RandomSource } from '../../demo/random-source';

export type FaultKind = 'kill' | 'join' | 'leave' | 'broker' | 'database' | 's3';

export interface Fault {
  readonly kind: FaultKind;
  /** When it happens: so far into the share of the lines that belongs to it, in [0, 1). */
  readonly moment: number;
}

export interface FaultCounts {
  readonly kills: number;
  /** Detectors that join and detectors that leave, together. */
  readonly rebalances: number;
  readonly brokerRestarts: number;
  readonly databaseRestarts: number;
  /** S3 is out of reach once, or never. */
  readonly s3Outages: 0 | 1;
}

/** The faults in a random order that the seed decides; a detector leaves only after one has joined, and one at most is there. */
export function planFaults(counts: FaultCounts, seed: number): readonly Fault[] {
  const random = new RandomSource(seed);
  const kinds = [
    ...times<FaultKind>(counts.kills, 'kill'),
    // In this place; which of the two it is follows from the order.
    ...times<FaultKind>(counts.rebalances, 'join'),
    ...times<FaultKind>(counts.brokerRestarts, 'broker'),
    ...times<FaultKind>(counts.databaseRestarts, 'database'),
    ...times<FaultKind>(counts.s3Outages, 's3'),
  ];
  for (let last = kinds.length - 1; last > 0; last--) {
    const other = random.int(0, last);
    const [a, b] = [kinds[last], kinds[other]];
    if (a !== undefined && b !== undefined) [kinds[last], kinds[other]] = [b, a];
  }
  let hasJoined = false;
  return kinds.map((kind) => {
    const moment = random.next();
    if (kind !== 'join') return { kind, moment };
    hasJoined = !hasJoined;
    return { kind: hasJoined ? 'join' : 'leave', moment };
  });
}

function times<T>(count: number, value: T): readonly T[] {
  return Array.from({ length: count }, () => value);
}
