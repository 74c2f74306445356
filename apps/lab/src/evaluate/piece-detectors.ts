import {
  calibrate,
  ConformalDetector,
  MIN_CALIBRATION_WINDOWS,
  ModelAlone,
  type ScoredWindow,
  trimContaminated,
} from '@logbert/detection';
import type { Piece, PieceKind } from './session-pieces';

/** Fewest pieces by which a kind is judged on its own, as in production. */
const MIN_KIND_PIECES = 200;

/** The pieces of one kind, without those too rare to be normal. */
interface KindPieces {
  readonly kind: PieceKind;
  readonly training: readonly Piece[];
  readonly calibration: readonly Piece[];
  readonly trimmed: number;
}

/** What is learnt from, by kind. */
export interface PieceSplit {
  readonly kinds: readonly KindPieces[];
  /** The kind that each kind is judged as: its own, or the commoner one where it is too rare. */
  readonly judgedAs: Readonly<Record<PieceKind, PieceKind>>;
}

/** Parts pieces by kind, as production does, and trims each kind by rarity. */
export function splitPieces(
  training: readonly Piece[],
  calibration: readonly Piece[],
  trimShare: number,
): PieceSplit {
  const ofKind = (pieces: readonly Piece[], kind: PieceKind): number =>
    pieces.filter((piece) => piece.kind === kind).length;
  const hasOwn = (['session', 'continuation'] as const).every(
    (kind) =>
      ofKind(training, kind) + ofKind(calibration, kind) >= MIN_KIND_PIECES &&
      ofKind(calibration, kind) >= 2 * MIN_CALIBRATION_WINDOWS,
  );
  const everything = [...training, ...calibration];
  if (!hasOwn) {
    const isMostlyBeginnings = 2 * ofKind(everything, 'session') >= everything.length;
    const kind = isMostlyBeginnings ? 'session' : 'continuation';
    return {
      kinds: [trimKind(kind, training, calibration, trimShare)],
      judgedAs: { session: kind, continuation: kind },
    };
  }
  const only = (pieces: readonly Piece[], kind: PieceKind): readonly Piece[] =>
    pieces.filter((piece) => piece.kind === kind);
  return {
    kinds: (['session', 'continuation'] as const).map((kind) =>
      trimKind(kind, only(training, kind), only(calibration, kind), trimShare),
    ),
    judgedAs: { session: 'session', continuation: 'continuation' },
  };
}

function trimKind(
  kind: PieceKind,
  training: readonly Piece[],
  calibration: readonly Piece[],
  trimShare: number,
): KindPieces {
  const everything = [...training, ...calibration];
  const { kept, trimmed } = trimContaminated(
    everything.map(({ tokens }) => tokens),
    trimShare,
  );
  const isKept = new Set(kept);
  return {
    kind,
    training: training.filter((_, index) => isKept.has(index)),
    calibration: calibration.filter((_, index) => isKept.has(training.length + index)),
    trimmed: trimmed.length,
  };
}

interface KindDetector {
  readonly detector: ConformalDetector;
  readonly modelAlone: ModelAlone | undefined;
}

/** A calibrated detector for each kind of piece. */
export class PieceDetectors {
  private constructor(
    private readonly detectors: ReadonlyMap<PieceKind, KindDetector>,
    private readonly judgedAs: PieceSplit['judgedAs'],
  ) {}

  /**
   * @param scoreOf the scored window of a calibration piece
   * @throws CalibrationFailure when there are too few pieces
   */
  static calibrate(
    { kinds, judgedAs }: PieceSplit,
    scoreOf: (piece: Piece) => ScoredWindow,
    options: {
      readonly vocabularySize: number;
      readonly alertBudget: number;
      readonly sessionsCutAt: number;
    },
  ): PieceDetectors {
    const detectors = kinds.map(({ kind, training, calibration, trimmed }) => {
      const snapshot = calibrate({
        ...options,
        training: training.map(({ tokens }) => tokens),
        calibration: calibration.map(scoreOf),
        trimmedWindows: trimmed,
      });
      const detector = ConformalDetector.restore(snapshot, options);
      return [kind, { detector, modelAlone: ModelAlone.restore(snapshot) }] as const;
    });
    return new PieceDetectors(new Map(detectors), judgedAs);
  }

  /** The detector by which pieces of a kind are judged. */
  of(kind: PieceKind): KindDetector {
    const detector = this.detectors.get(this.judgedAs[kind]);
    if (!detector) throw new RangeError(`nothing is calibrated for pieces of kind ${kind}`);
    return detector;
  }
}
