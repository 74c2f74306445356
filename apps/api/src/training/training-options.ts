import { modelConfigSchema, type TrainingConfig, type TrainingOptions } from '@logbert/contracts';
import { InvalidRequestFailure } from '../problems/request-failure';

/** The configured training with what a request asks for otherwise. */
export function withOptions(config: TrainingConfig, options: TrainingOptions): TrainingConfig {
  const { hidden, layers, heads, epochs, seed } = options;
  const asked = Object.fromEntries(
    Object.entries({ hidden, layers, heads }).filter(([, value]) => value !== undefined),
  );
  const model = modelConfigSchema.safeParse({ ...config.model, ...asked });
  if (!model.success) {
    throw new InvalidRequestFailure(
      model.error.issues.map(({ path, message }) => ({
        field: `options.${path.map(String).join('.')}`,
        reason: message,
      })),
    );
  }
  return {
    ...config,
    model: model.data,
    epochs: epochs ?? config.epochs,
    seed: seed ?? config.seed,
  };
}
