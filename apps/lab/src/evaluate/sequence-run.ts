import type { Configuration } from '@logbert/contracts';
import { seededRandom } from '@logbert/logbert';
import { Vocabulary } from '@logbert/sequences';
import type { AnomalousSequence } from '../reading/read-anomalous';
import type { KeySequence } from '../reading/read-sequences';
import { learnEntropyRule } from './entropy-rule';
import type { Figures } from './figures';
import { Panel } from './panel';
import { PieceDetectors, splitPieces } from './piece-detectors';
import { learnRarityRule } from './rarity-rule';
import { SequenceModel } from './sequence-model';
import { contaminate, piecesOf, shuffle } from './session-pieces';
import { learnTrivialDetectors, type TrivialDetector } from './trivial-detectors';

export interface SequenceRun {
  readonly training: readonly KeySequence[];
  readonly calibration: readonly KeySequence[];
  readonly normal: readonly KeySequence[];
  readonly anomalous: readonly AnomalousSequence[];
  /** Share of anomalies that is mixed into training and calibration, and kept out of the test. */
  readonly contamination: number;
  readonly configuration: Configuration;
  readonly alertBudget: number;
  readonly maxLength: number;
  readonly prior: number | undefined;
  readonly seed: number;
  readonly say: (text: string) => void;
}

/** Figures on all test sessions, and on parts of them. */
export interface SequenceFigures {
  readonly all: Figures;
  /** Sessions of at least ten lines: the ones that LogBERT's own evaluation keeps. */
  readonly longOnly: Figures;
  /** Normal sessions that no training session equals, and all anomalies. */
  readonly unseenOnly: Figures;
  /** All normal sessions, and the anomalies of one kind. */
  readonly byKind: Readonly<Record<string, Figures>>;
}

/**
 * Trains on sessions of keys, calibrates, judges the test sessions, and counts.
 *
 * Each session is judged by what was learnt and by no other session of the test: these are no stream, and their share of
 * anomalies is not the true one, so that what is usual among them says nothing.
 */
export async function runSequences(run: SequenceRun): Promise<SequenceFigures> {
  const { configuration, alertBudget, maxLength, seed } = run;
  const random = seededRandom(seed);
  const { training, calibration, testedAnomalies } = contaminate(run, run.contamination, random);
  const vocabulary = Vocabulary.build(training.flatMap(({ keys }) => keys));
  const learnt = piecesOf(training, vocabulary, maxLength);
  const heldOut = piecesOf(calibration, vocabulary, maxLength);
  const split = splitPieces(learnt, heldOut, configuration.training.trimShare);

  const startedAt = performance.now();
  const isTrainedOn = new Set(split.kinds.flatMap((kind) => kind.training));
  const model = await SequenceModel.train(
    learnt.filter((piece) => isTrainedOn.has(piece)).map(({ tokens }) => tokens),
    vocabulary.size,
    configuration,
    { kind: 'session', idleMs: 'auto', maxLength },
    random,
  );
  const trimmed = split.kinds.reduce((sum, kind) => sum + kind.trimmed, 0);
  run.say(
    `trained in ${((performance.now() - startedAt) / 1_000).toFixed(1)} s: ${vocabulary.size} keys, ` +
      `${learnt.length + heldOut.length} windows, ${trimmed} trimmed`,
  );
  try {
    const read = await model.read(heldOut.map(({ tokens }) => tokens));
    const readOf = new Map(
      heldOut.flatMap((piece, index) => {
        const window = read[index];
        return window ? [[piece, window] as const] : [];
      }),
    );
    const detectors = PieceDetectors.calibrate(
      split,
      (piece) => readOf.get(piece) ?? { tokens: piece.tokens, novelLines: 0, score: undefined },
      { vocabularySize: vocabulary.size, alertBudget, sessionsCutAt: maxLength },
    );
    // Plain rules have no trimming: they learn from all that was given.
    const known = learnt.map(({ tokens }) => tokens);
    const rules: readonly TrivialDetector[] = [
      ...learnTrivialDetectors(known),
      learnRarityRule(known),
      learnEntropyRule(
        read.map(({ reading }) => reading.meanEntropy),
        alertBudget,
      ),
    ];

    const panel = new Panel(alertBudget);
    const tested = piecesOf(
      shuffle<KeySequence>([...run.normal, ...testedAnomalies], random),
      vocabulary,
      maxLength,
    );
    const scored = await model.read(tested.map(({ tokens }) => tokens));
    for (const [index, { session, kind }] of tested.entries()) {
      const window = scored[index];
      if (!window) continue;
      const { detector, modelAlone } = detectors.of(kind);
      const verdict = detector.inspect(window);
      const withoutModel = detector.inspect({ ...window, score: undefined });
      panel.note({ session, ...window, verdict, withoutModel }, rules, modelAlone);
    }
    return figuresOf(panel, run, training, testedAnomalies);
  } finally {
    await model.close();
  }
}

function figuresOf(
  panel: Panel,
  { normal, prior }: SequenceRun,
  training: readonly KeySequence[],
  anomalous: readonly AnomalousSequence[],
): SequenceFigures {
  const figures = (normals: readonly KeySequence[], anomalies: readonly KeySequence[]): Figures => {
    const labels = new Map<string, boolean>();
    for (const { id } of normals) labels.set(id, false);
    for (const { id } of anomalies) labels.set(id, true);
    return panel.figures(labels, prior);
  };
  const isLong = ({ keys }: KeySequence): boolean => keys.length >= 10;
  const known = new Set(training.map(({ keys }) => keys.join(' ')));
  const kinds = [...new Set(anomalous.map(({ kind }) => kind))].sort();
  return {
    all: figures(normal, anomalous),
    longOnly: figures(normal.filter(isLong), anomalous.filter(isLong)),
    unseenOnly: figures(
      normal.filter(({ keys }) => !known.has(keys.join(' '))),
      anomalous,
    ),
    byKind: Object.fromEntries(
      kinds.map((name) => [
        name,
        figures(
          normal,
          anomalous.filter(({ kind }) => kind === name),
        ),
      ]),
    ),
  };
}
