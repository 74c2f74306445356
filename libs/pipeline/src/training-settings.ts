import type { TrainingConfig } from '@logbert/contracts';
import type { TrainingSettings } from '@logbert/logbert';

const GRADIENT_CLIP = 1;
const WARMUP_SHARE = 0.05;

/** How a network is trained by a configuration, in production and where it is measured. */
export function trainingSettingsOf(config: TrainingConfig): TrainingSettings {
  const { epochs, batchSize, learningRate, weightDecay, maskRatio } = config;
  const { hypersphereWeight, patience } = config;
  return {
    epochs,
    batchSize,
    learningRate,
    weightDecay,
    maskRatio,
    hypersphereWeight,
    patience,
    gradientClip: GRADIENT_CLIP,
    warmupShare: WARMUP_SHARE,
  };
}
