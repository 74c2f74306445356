import type { Vocabulary } from '@logbert/sequences';
import type { KeySequence } from '../reading/read-sequences';

/** The first piece of a session begins as sessions do; one after a cut does not. */
export type PieceKind = 'session' | 'continuation';

/** A session, or what lies between two cuts of it. */
export interface Piece {
  readonly session: string;
  readonly kind: PieceKind;
  readonly tokens: Int32Array;
}

/**
 * Cuts sessions as production does: whenever so many lines have come, without overlap. Only the last piece may be shorter, and
 * only of a shorter one the model is asked whether it was over.
 */
export function piecesOf(
  sequences: readonly KeySequence[],
  vocabulary: Vocabulary,
  maxLength: number,
): readonly Piece[] {
  return sequences.flatMap(({ id, keys }) => {
    const tokens = Int32Array.from(keys, (key) => vocabulary.encode(key));
    const pieces: Piece[] = [];
    for (let start = 0; start < tokens.length; start += maxLength) {
      pieces.push({
        session: id,
        kind: start === 0 ? 'session' : 'continuation',
        tokens: tokens.slice(start, start + maxLength),
      });
    }
    return pieces;
  });
}

/** Parts sessions in their order: the last ones set the scale, as production keeps the last ones in time. */
export function keepForCalibration(
  sequences: readonly KeySequence[],
  share: number,
): { readonly training: readonly KeySequence[]; readonly calibration: readonly KeySequence[] } {
  const first = Math.floor(sequences.length * (1 - share));
  return { training: sequences.slice(0, first), calibration: sequences.slice(first) };
}

/**
 * Mixes anomalies into what is learned.
 *
 * @param share of anomalies that both parts have then, in [0, 1)
 * @returns with the anomalies that are left to be judged
 */
export function contaminate<Anomalous extends KeySequence>(
  parts: {
    readonly training: readonly KeySequence[];
    readonly calibration: readonly KeySequence[];
    readonly anomalous: readonly Anomalous[];
  },
  share: number,
  random: () => number,
): {
  readonly training: readonly KeySequence[];
  readonly calibration: readonly KeySequence[];
  readonly testedAnomalies: readonly Anomalous[];
} {
  const { training, calibration, anomalous } = parts;
  const drawn = shuffle(anomalous, random);
  const added = share / (1 - share);
  const intoTraining = drawn.splice(0, Math.round(added * training.length));
  const intoCalibration = drawn.splice(0, Math.round(added * calibration.length));
  return {
    training: shuffle([...training, ...intoTraining], random),
    calibration: shuffle([...calibration, ...intoCalibration], random),
    testedAnomalies: drawn,
  };
}

/** Source: Fisher and Yates, in the form of Durstenfeld (1964). */
export function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const shuffled = [...items];
  for (let last = shuffled.length - 1; last > 0; last--) {
    const other = Math.floor(random() * (last + 1));
    const [a, b] = [shuffled[last], shuffled[other]];
    if (a === undefined || b === undefined) continue;
    shuffled[last] = b;
    shuffled[other] = a;
  }
  return shuffled;
}
