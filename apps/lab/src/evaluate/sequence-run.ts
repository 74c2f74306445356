import type { Configuration } from '@logbert/contracts';
import {
  calibrate,
  ConformalDetector,
  ModelAlone,
  type ScoredWindow,
  trimContaminated,
} from '@logbert/detection';
import { openGraph } from '@logbert/graph-runner';
import { buildScoringModel, LogBertScorer, trainLogBert } from '@logbert/logbert';
import { seededRandom } from '@logbert/pipeline';
import { UNKNOWN, Vocabulary } from '@logbert/sequences';
import type { KeySequence } from '../reading/read-sequences';
import type { Figures } from './figures';
import { Panel } from './panel';
import { learnTrivialDetectors } from './trivial-detectors';

const WINDOWS_AT_ONCE = 2_048;
/** Every so manieth training window decides when training stops. */
const VALIDATION_EVERY = 10;
const GRADIENT_CLIP = 1;
const WARMUP_SHARE = 0.05;

export interface SequenceRun {
  readonly training: readonly KeySequence[];
  readonly calibration: readonly KeySequence[];
  readonly normal: readonly KeySequence[];
  readonly anomalous: readonly KeySequence[];
  /** Share of anomalies that is mixed into training and calibration, and kept out of the test. */
  readonly contamination: number;
  readonly configuration: Configuration;
  readonly alertBudget: number;
  readonly maxLength: number;
  readonly prior: number | undefined;
  readonly seed: number;
  readonly say: (text: string) => void;
}

/** Figures on all test sessions, and on two parts of them that are known to flatter or to be left out. */
export interface SequenceFigures {
  readonly all: Figures;
  /** Sessions of at least ten lines: the ones that LogBERT's own evaluation keeps. */
  readonly longOnly: Figures;
  /** Normal sessions that no training session equals, and all anomalies. */
  readonly unseenOnly: Figures;
}

interface Piece {
  readonly session: string;
  readonly tokens: Int32Array;
}

/**
 * Trains on sessions of keys, calibrates, judges the test sessions, and counts.
 *
 * Each session is judged by what was learnt and by no other session of the test: these are no stream, and their share of
 * anomalies is not the true one, so that what is usual among them says nothing.
 */
export async function runSequences(run: SequenceRun): Promise<SequenceFigures> {
  const { configuration, alertBudget, seed } = run;
  const random = seededRandom(seed);
  const { training, calibration, testedAnomalies } = contaminate(run, random);
  const vocabulary = Vocabulary.build(training.flatMap(({ keys }) => keys));
  const pieces = (sequences: readonly KeySequence[]): readonly Piece[] =>
    sequences.flatMap((sequence) => piecesOf(sequence, vocabulary, run.maxLength));

  const learnt = pieces(training).map(({ tokens }) => tokens);
  const heldOut = pieces(calibration).map(({ tokens }) => tokens);
  const everything = [...learnt, ...heldOut];
  const { kept, trimmed } = trimContaminated(everything, configuration.training.trimShare);
  const keptOf = (isWanted: (index: number) => boolean): readonly Int32Array[] =>
    kept.filter(isWanted).flatMap((index) => everything.slice(index, index + 1));
  const trainingWindows = keptOf((index) => index < learnt.length);
  const calibrationWindows = keptOf((index) => index >= learnt.length);

  const startedAt = performance.now();
  const scorer = await train(trainingWindows, vocabulary.size, run, random);
  run.say(
    `trained in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s: ${vocabulary.size} keys, ` +
      `${everything.length} windows, ${trimmed.length} trimmed`,
  );
  try {
    const snapshot = calibrate({
      training: trainingWindows,
      calibration: await scoreAll(scorer, calibrationWindows),
      vocabularySize: vocabulary.size,
      alertBudget,
      trimmedWindows: trimmed.length,
      sessionsCutAt: run.maxLength,
    });
    const detector = ConformalDetector.restore(snapshot, { alertBudget });
    const modelAlone = ModelAlone.restore(snapshot);
    const rules = learnTrivialDetectors(learnt);

    const tested = shuffle([...run.normal, ...testedAnomalies], random);
    const panel = new Panel(alertBudget);
    const testPieces = pieces(tested);
    const scored = await scoreAll(
      scorer,
      testPieces.map(({ tokens }) => tokens),
    );
    for (const [index, window] of scored.entries()) {
      const session = testPieces[index]?.session ?? '';
      panel.note({ session, ...window, verdict: detector.inspect(window) }, rules, modelAlone);
    }
    return figuresOf(panel, run, training, testedAnomalies);
  } finally {
    await scorer.close();
  }
}

function figuresOf(
  panel: Panel,
  { normal, prior }: SequenceRun,
  training: readonly KeySequence[],
  anomalous: readonly KeySequence[],
): SequenceFigures {
  const known = new Set(training.map(({ keys }) => keys.join(' ')));
  const labelled = (isCounted: (sequence: KeySequence, isAnomalous: boolean) => boolean) =>
    new Map(
      [
        ...normal.map((sequence) => [sequence, false] as const),
        ...anomalous.map((sequence) => [sequence, true] as const),
      ]
        .filter(([sequence, isAnomalous]) => isCounted(sequence, isAnomalous))
        .map(([{ id }, isAnomalous]) => [id, isAnomalous]),
    );
  return {
    all: panel.figures(
      labelled(() => true),
      prior,
    ),
    longOnly: panel.figures(
      labelled(({ keys }) => keys.length >= 10),
      prior,
    ),
    unseenOnly: panel.figures(
      labelled(({ keys }, isAnomalous) => isAnomalous || !known.has(keys.join(' '))),
      prior,
    ),
  };
}

function contaminate(
  { training, calibration, anomalous, contamination }: SequenceRun,
  random: () => number,
): {
  readonly training: readonly KeySequence[];
  readonly calibration: readonly KeySequence[];
  readonly testedAnomalies: readonly KeySequence[];
} {
  const drawn = shuffle(anomalous, random);
  const share = contamination / (1 - contamination);
  const intoTraining = drawn.splice(0, Math.round(share * training.length));
  const intoCalibration = drawn.splice(0, Math.round(share * calibration.length));
  return {
    training: shuffle([...training, ...intoTraining], random),
    calibration: shuffle([...calibration, ...intoCalibration], random),
    testedAnomalies: drawn,
  };
}

async function train(
  windows: readonly Int32Array[],
  vocabularySize: number,
  { configuration, maxLength }: SequenceRun,
  random: () => number,
): Promise<LogBertScorer> {
  const { model, ...config } = configuration.training;
  const isValidation = (index: number): boolean => index % VALIDATION_EVERY === 0;
  const trained = await trainLogBert({
    training: windows.filter((_, index) => !isValidation(index)),
    validation: windows.filter((_, index) => isValidation(index)),
    architecture: { ...model, vocabularySize, maxLength: maxLength + 1, sessionsCutAt: maxLength },
    settings: {
      epochs: config.epochs,
      batchSize: config.batchSize,
      learningRate: config.learningRate,
      weightDecay: config.weightDecay,
      maskRatio: config.maskRatio,
      hypersphereWeight: config.hypersphereWeight,
      patience: config.patience,
      gradientClip: GRADIENT_CLIP,
      warmupShare: WARMUP_SHARE,
    },
    openGraph,
    random,
    now: () => performance.now(),
  });
  const { precision, passes } = configuration.detection;
  const bytes = buildScoringModel(trained, { precision });
  return LogBertScorer.open(bytes, openGraph, { passes, alternatives: 1 });
}

async function scoreAll(
  scorer: LogBertScorer,
  windows: readonly Int32Array[],
): Promise<readonly ScoredWindow[]> {
  const scored: ScoredWindow[] = [];
  for (let start = 0; start < windows.length; start += WINDOWS_AT_ONCE) {
    const some = windows.slice(start, start + WINDOWS_AT_ONCE);
    const scores = await scorer.score(some);
    for (const [index, tokens] of some.entries()) {
      const novelLines = tokens.filter((token) => token === UNKNOWN).length;
      scored.push({ tokens, novelLines, score: scores[index] });
    }
  }
  return scored;
}

/** A long session is judged in pieces, as production does. */
function piecesOf({ id, keys }: KeySequence, vocabulary: Vocabulary, maxLength: number): Piece[] {
  const tokens = Int32Array.from(keys, (key) => vocabulary.encode(key));
  const pieces: Piece[] = [];
  for (let start = 0; start < tokens.length; start += maxLength) {
    pieces.push({ session: id, tokens: tokens.slice(start, start + maxLength) });
  }
  return pieces;
}

/** Source: Fisher and Yates, in the form of Durstenfeld (1964). */
function shuffle<T>(items: readonly T[], random: () => number): T[] {
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
