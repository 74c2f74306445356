import {
  ConformalDetector,
  DriftGauge,
  type GrowingLines,
  type ScoredWindow,
  type SettledWindow,
  type Verdict,
} from '@logbert/detection';
import type { WindowKind } from '@logbert/sequences';
import { z } from 'zod';

const calibrationSchema = z.object({
  formatVersion: z.literal(1),
  /** Kind of window by which each kind is judged: its own, or another when it was too seldom in training. */
  judgedAs: z.record(z.string(), z.string()),
  detectors: z.record(z.string(), z.unknown()),
  /** Silence that ends a session, as training has learnt it; absent when it could not. */
  sessionIdleMs: z.number().positive().optional(),
  /** Of a `DriftGauge`; absent before any window was judged. */
  drift: z.string().optional(),
});

export type CalibrationSnapshot = z.infer<typeof calibrationSchema>;

/**
 * One calibrated detector for each kind of window.
 *
 * A piece of a session that follows a silence lacks everything with which sessions begin. Judged among all windows it
 * would be normal, and with it a session that broke off at its beginning; judged among its own kind each is what it is.
 */
export class KindDetectors {
  private constructor(
    private readonly detectors: ReadonlyMap<string, ConformalDetector>,
    private readonly judgedAs: Readonly<Record<string, string>>,
    readonly sessionIdleMs: number | undefined,
    private readonly drift: DriftGauge,
  ) {}

  /**
   * @param snapshot content of `calibration.json`
   * @throws ZodError when it is not such a thing, and what `ConformalDetector.restore` throws
   */
  static restore(snapshot: unknown, options: { readonly alertBudget: number }): KindDetectors {
    const { detectors, judgedAs, sessionIdleMs, drift: before } = calibrationSchema.parse(snapshot);
    const drift = DriftGauge.restore(before ?? '');
    const restored = Object.entries(detectors).map(
      ([kind, detector]) =>
        [kind, ConformalDetector.restore(detector, { ...options, drift })] as const,
    );
    return new KindDetectors(new Map(restored), judgedAs, sessionIdleMs, drift);
  }

  /** Log keys that each kind was calibrated for, the special tokens counted. */
  get vocabularySizes(): readonly number[] {
    return [...this.detectors.values()].map(({ vocabularySize }) => vocabularySize);
  }

  /** The detectors with their present references of recent windows, for `restore`. */
  snapshot(): CalibrationSnapshot {
    const detectors = [...this.detectors].map(
      ([kind, detector]) => [kind, detector.snapshot()] as const,
    );
    return {
      formatVersion: 1,
      judgedAs: { ...this.judgedAs },
      detectors: Object.fromEntries(detectors),
      sessionIdleMs: this.sessionIdleMs,
      drift: this.drift.snapshot(),
    };
  }

  /**
   * @param isExplained whether to say what is odd about it in any case
   * @throws RangeError for a kind of window that the calibration does not know
   */
  judge(kind: WindowKind, window: ScoredWindow, isExplained = false): Verdict {
    return this.detectorOf(kind).judge(window, isExplained);
  }

  /** See `ConformalDetector.judgeGrowing`. */
  judgeGrowing(kind: WindowKind, lines: GrowingLines): Verdict {
    return this.detectorOf(kind).judgeGrowing(lines);
  }

  /** See `ConformalDetector.isTelling`. */
  isTelling(kind: WindowKind, token: number): boolean {
    return this.detectorOf(kind).isTelling(token);
  }

  private detectorOf(kind: WindowKind): ConformalDetector {
    const detector = this.detectors.get(this.judgedAs[kind] ?? kind);
    if (!detector) throw new RangeError(`nothing is calibrated for windows of kind ${kind}`);
    return detector;
  }

  /** Share of the last 500 windows that are unlike those of the training, in [0, 1]; undefined before that many. */
  get unlikeTrainingShare(): number | undefined {
    return this.drift.share;
  }

  /** Windows whose verdict is not final, oldest first, by the kind as which they were judged. */
  get unsettled(): ReadonlyMap<string, readonly ScoredWindow[]> {
    const entries = [...this.detectors].map(
      ([kind, { unsettledWindows }]) => [kind, unsettledWindows] as const,
    );
    return new Map(entries);
  }

  /** Windows whose verdict has become final since the last call. */
  takeSettled(): readonly SettledWindow[] {
    return [...this.detectors.values()].flatMap((detector) => detector.takeSettled());
  }

  /** Makes every verdict final now. */
  settle(): readonly SettledWindow[] {
    return [...this.detectors.values()].flatMap((detector) => detector.settle());
  }
}
