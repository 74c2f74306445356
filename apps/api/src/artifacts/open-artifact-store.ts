import { type ArtifactStore, FileArtifactStore, S3ArtifactStore } from '@logbert/artifact-store';
import type { ArtifactsConfig } from '@logbert/contracts';

/** The artifact store that the configuration chooses. */
export function openArtifactStore(
  { kind, s3 }: ArtifactsConfig,
  artifactDirectory: string,
): ArtifactStore {
  return kind === 's3' ? new S3ArtifactStore(s3) : new FileArtifactStore(artifactDirectory);
}
