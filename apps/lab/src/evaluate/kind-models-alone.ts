import { ModelAlone } from '@logbert/detection';
import type { WindowKind } from '@logbert/sequences';
import { z } from 'zod';

const calibrationSchema = z.object({
  judgedAs: z.record(z.string(), z.string()),
  detectors: z.record(z.string(), z.unknown()),
});

/** What the model of a bundle would decide alone, by the calibration of each kind of window. */
export class KindModelsAlone {
  private constructor(
    private readonly models: ReadonlyMap<string, ModelAlone>,
    private readonly judgedAs: Readonly<Record<string, string>>,
  ) {}

  /**
   * @param calibration content of a bundle's `calibration.json`
   * @throws ZodError when it is not such a thing, and what `ModelAlone.restore` throws
   */
  static restore(calibration: unknown): KindModelsAlone {
    const { judgedAs, detectors } = calibrationSchema.parse(calibration);
    const models = Object.entries(detectors).flatMap(([kind, snapshot]) => {
      const model = ModelAlone.restore(snapshot);
      return model ? [[kind, model] as const] : [];
    });
    return new KindModelsAlone(new Map(models), judgedAs);
  }

  /** That by which windows of a kind are judged; undefined where no model was calibrated for them. */
  of(kind: WindowKind): ModelAlone | undefined {
    return this.models.get(this.judgedAs[kind] ?? kind);
  }
}
