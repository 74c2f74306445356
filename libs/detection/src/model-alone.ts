import type { ChannelVerdict } from '@logbert/contracts';
import { aloneScore } from './channel-scores';
import { type DetectorSnapshot, parseDetectorSnapshot } from './detector-snapshot';
import { ScoreCalibration } from './score-calibration';
import type { Verdict } from './conformal-detector';

/**
 * What LogBERT alone would decide, by nothing but its predictions (see `aloneScore`).
 *
 * For measuring what the model and the other channels add to each other; the product decides by all of them.
 */
export class ModelAlone {
  private constructor(private readonly combined: ScoreCalibration) {}

  /**
   * @param snapshot what `calibrate` or `ConformalDetector.snapshot` gave, perhaps by way of JSON
   * @returns undefined for a detector that has no model
   * @throws SnapshotFailure when it is not such a thing
   */
  static restore(snapshot: unknown): ModelAlone | undefined {
    const { model }: DetectorSnapshot = parseDetectorSnapshot(snapshot);
    return model?.alone && new ModelAlone(ScoreCalibration.restore(model.alone));
  }

  /**
   * @param channels of a verdict on the window
   * @returns p-value 1 for a window on which the model had no say
   */
  judge(
    channels: readonly ChannelVerdict[],
    alertBudget: number,
  ): Pick<Verdict, 'pValue' | 'statistic' | 'isAnomaly'> {
    const statistic = aloneScore(
      Object.fromEntries(channels.map(({ channel, score }) => [channel, score])),
    );
    if (statistic === undefined) return { pValue: 1, statistic: 0, isAnomaly: false };
    const pValue = this.combined.pValueOf(statistic);
    return { pValue, statistic, isAnomaly: pValue <= alertBudget };
  }
}
