import { ChannelCells, cellFor, type WindowCells } from './channel-cells';
import { ChannelCalibration, type ChannelCalibrationSnapshot } from './channel-calibration';
import {
  aloneScore,
  leastPValue,
  MODEL_CHANNELS,
  MODEL_FREE_CHANNELS,
  modelScores,
  type WindowChannel,
} from './channel-scores';
import { fisherStatistic } from './combination';
import { CalibrationFailure } from './detection-failures';
import type { DetectorSnapshot } from './detector-snapshot';
import { checkedProfileOf, NormalMemory } from './normal-memory';
import { CLEAN_SUSPECTS } from './rare-groups';
import { ScoreCalibration, type ScoreCalibrationSnapshot } from './score-calibration';
import type { ScoredWindow } from './scored-window';

/** The scale of a tail is fitted to the ten largest scores, which have to be the tail of something. */
export const MIN_CALIBRATION_WINDOWS = 20;
const DEFAULT_TRIM_SHARE = 0.05;
/** A combined statistic one nat larger is a real difference. */
const COMBINED_UNIT = 1;
/** Nats of the model's own score that make a difference. */
const ALONE_UNIT = 0.5;
/** Share of normal windows whose most surprising line is beyond what a line may be without being pointed at. */
const SURPRISING_SHARE = 0.02;

export interface CalibrationInput {
  /** Windows the model was trained on, trimmed, in the order of time. */
  readonly training: readonly Int32Array[];
  /** Group of each of them, as `ScoredWindow.group`; left out where there are none. */
  readonly trainingGroups?: readonly (string | undefined)[];
  /** Windows that took no part in training, trimmed as well. */
  readonly calibration: readonly ScoredWindow[];
  readonly vocabularySize: number;
  /** Share of normal windows that may be flagged, in (0, 1). */
  readonly alertBudget: number;
  /**
   * Windows that were left out as contaminated. Some of them were normal, and their like will come again: they are
   * reckoned among the windows of a larger score than any that was seen. Default 0.
   */
  readonly trimmedWindows?: number;
  /** Largest share of recent windows that may be set aside as too rare to be normal, as in training. Default 0.05. */
  readonly trimShare?: number;
  /** Lines at which a session is cut; left out where windows are no sessions. A shorter one ended by itself. */
  readonly sessionsCutAt?: number | undefined;
}

interface Row {
  /** Of the window. */
  readonly lines: number;
  readonly cells: WindowCells;
  readonly scores: ReadonlyMap<WindowChannel, number>;
}

/**
 * Learns from normal windows how large every channel's score usually is.
 *
 * The channels without a model are calibrated on the held-out windows and, left out one by one, on the training windows;
 * those of the model on held-out windows alone. The combination of the channels is calibrated like a channel, once with
 * and once without the model, by p-values that leave each window's own scores out.
 *
 * @returns a snapshot for `ConformalDetector.restore`, JSON-able
 * @throws CalibrationFailure when there are fewer than 20 held-out windows or no training window
 * @throws NonFiniteScoreFailure when the model scored a window with NaN or infinity
 * @throws RangeError for an empty window, a token outside the vocabulary or a budget outside (0, 1)
 */
export function calibrate(input: CalibrationInput): DetectorSnapshot {
  const { training, calibration, vocabularySize, alertBudget } = input;
  if (!(alertBudget > 0 && alertBudget < 1)) {
    throw new RangeError(`an alert budget is a share between 0 and 1, not ${alertBudget}`);
  }
  if (calibration.length < MIN_CALIBRATION_WINDOWS || training.length === 0) {
    const windows = training.length === 0 ? 0 : calibration.length;
    throw new CalibrationFailure(windows, MIN_CALIBRATION_WINDOWS);
  }

  const { memory, leftOut } = NormalMemory.learn(training, vocabularySize, {
    trimShare: input.trimShare ?? DEFAULT_TRIM_SHARE,
    cutAt: input.sessionsCutAt,
  });
  const measured = [
    ...training.map((tokens, index) => measureOf(tokens, input.trainingGroups?.[index])),
    ...calibration.map(({ tokens, group }) => measureOf(tokens, group)),
  ];
  const cells = ChannelCells.of(measured);
  const heldOut = calibration.map((window): Row => {
    const profile = checkedProfileOf(window.tokens, vocabularySize);
    const scores = {
      ...memory.scoresOf(window, profile),
      ...(window.score ? modelScores(window.score) : {}),
    };
    return {
      lines: window.tokens.length,
      cells: cells.cellsOf(measureOf(window.tokens, window.group)),
      scores: toMap(scores),
    };
  });
  const trained = leftOut.map((scores, index): Row => {
    const tokens = training[index] ?? new Int32Array(0);
    const group = input.trainingGroups?.[index];
    return {
      lines: tokens.length,
      cells: cells.cellsOf(measureOf(tokens, group)),
      scores: toMap(scores),
    };
  });

  const known = training.length + calibration.length;
  const censoredShare = Math.min(CLEAN_SUSPECTS, (input.trimmedWindows ?? 0) / known);
  const rows = [...heldOut, ...trained];
  const free = calibrateChannels(MODEL_FREE_CHANNELS, rows, cells);
  const scored = heldOut.filter(({ scores }) => scores.has('surprise-mean'));
  const model =
    scored.length < MIN_CALIBRATION_WINDOWS
      ? undefined
      : calibrateChannels(
          MODEL_CHANNELS.filter((channel) => scored.every(({ scores }) => scores.has(channel))),
          scored,
          cells,
        );

  const surprisingNats = model?.byChannel.get('surprise-max')?.quantile(SURPRISING_SHARE);
  const channels = new Map([...free.byChannel, ...(model?.byChannel ?? [])]);

  return {
    version: 1,
    alertBudget,
    memory: memory.snapshot(),
    ...cells.snapshot(),
    modelFree: { channels: free.snapshots, combined: combine(rows, free.byChannel, censoredShare) },
    model: model
      ? {
          channels: model.snapshots,
          combined: combine(scored, channels, censoredShare),
          alone: calibrateAlone(scored, censoredShare),
          surprisingNats: surprisingNats ?? 0,
        }
      : null,
  };
}

function calibrateAlone(rows: readonly Row[], censoredShare: number): ScoreCalibrationSnapshot {
  const scores = rows.flatMap((row) => aloneScore(Object.fromEntries(row.scores)) ?? []);
  return ScoreCalibration.of(scores, ALONE_UNIT, censoredShare * rows.length).snapshot();
}

interface CalibratedChannels<Channel extends WindowChannel> {
  readonly byChannel: ReadonlyMap<WindowChannel, ChannelCalibration>;
  readonly snapshots: Record<Channel, ChannelCalibrationSnapshot>;
}

function calibrateChannels<Channel extends WindowChannel>(
  channels: readonly Channel[],
  rows: readonly Row[],
  cells: ChannelCells,
): CalibratedChannels<Channel> {
  const calibrated = channels.flatMap((channel): [Channel, ChannelCalibration][] => {
    const scored = rows.flatMap(({ lines, scores, cells: own }) => {
      const score = scores.get(channel);
      return score === undefined ? [] : [{ score, lines, cell: cellFor(channel, own) }];
    });
    if (scored.length < MIN_CALIBRATION_WINDOWS) return [];
    return [[channel, ChannelCalibration.of(channel, scored, cells.of(channel))]];
  });
  const snapshots: Partial<Record<Channel, ChannelCalibrationSnapshot>> = {};
  for (const [channel, calibration] of calibrated) snapshots[channel] = calibration.snapshot();
  return {
    byChannel: new Map(calibrated),
    snapshots: snapshots as Record<Channel, ChannelCalibrationSnapshot>,
  };
}

function combine(
  rows: readonly Row[],
  channels: ReadonlyMap<WindowChannel, ChannelCalibration>,
  censoredShare: number,
): ScoreCalibrationSnapshot {
  const statistics = rows.map((row) => fisherStatistic(leftOutPValues(row, channels)));
  return ScoreCalibration.of(statistics, COMBINED_UNIT, censoredShare * rows.length).snapshot();
}

/** P-values of a calibration window that leave its own scores out. */
function leftOutPValues(
  { scores, cells }: Row,
  channels: ReadonlyMap<WindowChannel, ChannelCalibration>,
): ReadonlyMap<WindowChannel, number> {
  const pValues = new Map<WindowChannel, number>();
  for (const [channel, calibration] of channels) {
    const score = scores.get(channel);
    if (score === undefined) continue;
    const calibrated = calibration.pValueWithout(score, cellFor(channel, cells));
    pValues.set(channel, Math.max(calibrated, leastPValue(channel, score)));
  }
  return pValues;
}

function measureOf(
  tokens: Int32Array,
  group: string | undefined,
): { readonly length: number; readonly keys: number; readonly group: string | undefined } {
  return { length: tokens.length, keys: new Set(tokens).size, group };
}

function toMap(scores: Readonly<Partial<Record<WindowChannel, number>>>): Row['scores'] {
  const map = new Map<WindowChannel, number>();
  for (const channel of [...MODEL_FREE_CHANNELS, ...MODEL_CHANNELS]) {
    const score = scores[channel];
    if (score !== undefined) map.set(channel, score);
  }
  return map;
}
