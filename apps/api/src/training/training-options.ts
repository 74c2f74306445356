import { modelConfigSchema, type TrainingConfig, type TrainingOptions } from '@logbert/contracts';
import { problemsOfIssue } from '../problems/problems-of-issue';
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
      model.error.issues
        .flatMap((issue) => problemsOfIssue(issue, 'unknown field'))
        .map(({ path, reason }) => ({
          field: `options.${path.map(String).join('.')}`,
          reason,
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
