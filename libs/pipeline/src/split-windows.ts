import type { TrainingConfig } from '@logbert/contracts';
import { trimContaminated } from '@logbert/detection';
import type { WindowKind } from '@logbert/sequences';
import { TrainingSourceFailure } from './pipeline-failure';
import type { TrainingWindows } from './training-windows';

/** Fewest windows by which a kind can be judged on its own; a rarer kind is judged with the commonest. */
const MIN_KIND_WINDOWS = 200;

/** A window of the training source. */
export interface LearntWindow {
  readonly tokens: Int32Array;
  readonly novelLines: number;
  /** Its place in the order of time. */
  readonly order: number;
}

/** The windows of one kind, without those too rare to be normal. */
export interface KindSplit {
  readonly kind: WindowKind;
  readonly training: readonly LearntWindow[];
  /** The last ones in time: they take no part in training. */
  readonly calibration: readonly LearntWindow[];
  /** How many were left out. */
  readonly trimmed: number;
}

export interface Split {
  readonly kinds: readonly KindSplit[];
  /** For each kind of window, the kind of `kinds` that it is judged as. */
  readonly judgedAs: Readonly<Record<WindowKind, WindowKind>>;
}

/**
 * Parts windows by kind, trims each kind by rarity and keeps its last windows for calibration.
 *
 * @throws TrainingSourceFailure when there are fewer windows than the configuration asks for
 */
export function splitByKind(read: TrainingWindows, config: TrainingConfig): Split {
  if (read.windows.length < config.minWindows) {
    throw new TrainingSourceFailure(
      `${read.lines} lines gave ${read.windows.length} complete windows, and ${config.minWindows} are ` +
        'needed: use a longer time range, or check the session key and the idle time of the stream',
    );
  }
  const judgedAs = judgedAsOf(read.kinds);
  const byKind = new Map<WindowKind, LearntWindow[]>();
  for (const [order, tokens] of read.windows.entries()) {
    const kind = judgedAs[read.kinds[order] ?? 'session'];
    const window = { tokens, novelLines: read.novelLines[order] ?? 0, order };
    const windows = byKind.get(kind);
    if (windows) windows.push(window);
    else byKind.set(kind, [window]);
  }
  const kinds = [...byKind].map(([kind, windows]) => splitKind(kind, windows, config));
  return { kinds, judgedAs };
}

function splitKind(
  kind: WindowKind,
  windows: readonly LearntWindow[],
  { trimShare, calibrationShare }: TrainingConfig,
): KindSplit {
  const { kept, trimmed } = trimContaminated(
    windows.map(({ tokens }) => tokens),
    trimShare,
  );
  const normal = kept.flatMap((index) => windows[index] ?? []);
  const firstCalibration = Math.floor(normal.length * (1 - calibrationShare));
  return {
    kind,
    training: normal.slice(0, firstCalibration),
    calibration: normal.slice(firstCalibration),
    trimmed: trimmed.length,
  };
}

function judgedAsOf(kinds: readonly WindowKind[]): Readonly<Record<WindowKind, WindowKind>> {
  const counts: Record<WindowKind, number> = { session: 0, continuation: 0, sliding: 0 };
  for (const kind of kinds) counts[kind]++;
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
