import type { TrainingConfig } from '@logbert/contracts';
import { contaminatedWindows, MIN_CALIBRATION_WINDOWS } from '@logbert/detection';
import type { WindowHistory, WindowKind } from '@logbert/sequences';
import { TrainingSourceFailure } from './pipeline-failure';
import type { TrainingWindows } from './training-windows';

/** Fewest windows by which a kind can be judged on its own; a rarer kind is judged with the commonest. */
const MIN_KIND_WINDOWS = 200;
/** More windows than these tell no finer than any alert budget asks what is rare; training has more use for them. */
const MOST_CALIBRATION = 100_000;

/** The windows of one kind, without those too rare to be normal, as numbers in the order of time. */
export interface KindSplit {
  readonly kind: WindowKind;
  readonly training: Uint32Array;
  /** The last ones in time: they take no part in training. */
  readonly calibration: Uint32Array;
  /** How many were left out. */
  readonly trimmed: number;
}

export interface Split {
  readonly kinds: readonly KindSplit[];
  /** For each kind of window, the kind of `kinds` that it is judged as. */
  readonly judgedAs: Readonly<Record<WindowKind, WindowKind>>;
}

/**
 * Parts windows by kind, trims each kind by rarity and keeps its last windows for calibration: `calibrationShare` of them,
 * 100,000 at the most.
 *
 * @throws TrainingSourceFailure when there are fewer windows than the configuration asks for, or too few of a kind to calibrate by: now, and
 *   not when the network is trained
 */
export function splitByKind(
  { windows, lines }: Pick<TrainingWindows, 'windows' | 'lines'>,
  config: Pick<TrainingConfig, 'minWindows' | 'trimShare' | 'calibrationShare'>,
): Split {
  if (windows.length < config.minWindows) {
    throw new TrainingSourceFailure(
      `${lines} lines gave ${windows.length} complete windows, and ${config.minWindows} are ` +
        'needed: use more lines (of a stream, a longer time range), ' +
        'or check the session key and the idle time of the stream',
    );
  }
  const judgedAs = judgedAsOf(windows);
  const judged = new Set<WindowKind>();
  for (let index = 0; index < windows.length; index++) judged.add(judgedAs[windows.kindOf(index)]);
  const kinds = [...judged].map((kind) => {
    const isOfKind = (index: number): boolean => judgedAs[windows.kindOf(index)] === kind;
    return { kind, ...splitKind(windows, isOfKind, config) };
  });
  for (const { training, calibration } of kinds) {
    if (training.length > 0 && calibration.length >= MIN_CALIBRATION_WINDOWS) continue;
    throw new TrainingSourceFailure(
      `${training.length} windows to train on and ${calibration.length} to calibrate by are left, and 1 and ` +
        `${MIN_CALIBRATION_WINDOWS} are needed: use more lines, or another training.calibrationShare (now ${config.calibrationShare})`,
    );
  }
  return { kinds, judgedAs };
}

/** Numbers of the training windows of all kinds, in the order of time. */
export function trainingWindowsOf({ kinds }: Split): Uint32Array {
  const numbers = new Uint32Array(kinds.reduce((sum, { training }) => sum + training.length, 0));
  let at = 0;
  for (const { training } of kinds) {
    numbers.set(training, at);
    at += training.length;
  }
  return numbers.sort();
}

function splitKind(
  windows: WindowHistory,
  isOfKind: (index: number) => boolean,
  { trimShare, calibrationShare }: Pick<TrainingConfig, 'trimShare' | 'calibrationShare'>,
): Omit<KindSplit, 'kind'> {
  const { distinct } = windows;
  const counts = new Uint32Array(distinct.size);
  let all = 0;
  for (let index = 0; index < windows.length; index++) {
    if (!isOfKind(index)) continue;
    const id = windows.idOf(index);
    counts[id] = (counts[id] ?? 0) + 1;
    all++;
  }
  const isTrimmed = contaminatedWindows(
    {
      size: distinct.size,
      tokensOf: (id) => distinct.tokensOf(id),
      windowsOf: (id) => counts[id] ?? 0,
    },
    trimShare,
  );
  const trimmed = counts.reduce((sum, count, id) => sum + (isTrimmed[id] === 1 ? count : 0), 0);
  const normal = new Uint32Array(all - trimmed);
  let at = 0;
  for (let index = 0; index < windows.length; index++) {
    if (isOfKind(index) && isTrimmed[windows.idOf(index)] === 0) normal[at++] = index;
  }
  const firstCalibration = Math.max(
    Math.floor(normal.length * (1 - calibrationShare)),
    normal.length - MOST_CALIBRATION,
  );
  return {
    training: normal.subarray(0, firstCalibration),
    calibration: normal.subarray(firstCalibration),
    trimmed,
  };
}

function judgedAsOf(windows: WindowHistory): Readonly<Record<WindowKind, WindowKind>> {
  const counts: Record<WindowKind, number> = { session: 0, continuation: 0, sliding: 0 };
  for (let index = 0; index < windows.length; index++) counts[windows.kindOf(index)]++;
  const commonest = (Object.keys(counts) as WindowKind[]).reduce((most, kind) =>
    counts[kind] > counts[most] ? kind : most,
  );
  const judgedAs = (kind: WindowKind): WindowKind =>
    counts[kind] >= MIN_KIND_WINDOWS ? kind : commonest;
  return {
    session: judgedAs('session'),
    continuation: judgedAs('continuation'),
    sliding: judgedAs('sliding'),
  };
}
