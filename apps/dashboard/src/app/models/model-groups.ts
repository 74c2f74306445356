import type { Model } from '@logbert/contracts';

export interface ModelGroup {
  readonly stream: string;
  /** Newest version first. */
  readonly versions: readonly Model[];
  /** Whether a version was in use before the present one, so that a rollback has somewhere to go. */
  readonly canRollBack: boolean;
}

/** Model versions stream by stream, streams by name. */
export function groupByStream(models: readonly Model[]): readonly ModelGroup[] {
  const streams = [...new Set(models.map(({ stream }) => stream))].sort();
  return streams.map((stream) => {
    const versions = models
      .filter((model) => model.stream === stream)
      .sort((a, b) => b.version - a.version);
    const canRollBack = versions.some(
      ({ isActive, promotedAt }) => !isActive && promotedAt !== null,
    );
    return { stream, versions, canRollBack };
  });
}
