export { type ArtifactStore } from './artifact-store';
export {
  ArtifactKeyFailure,
  ArtifactMissingFailure,
  ArtifactStoreRefusedFailure,
  ArtifactStoreUnavailableFailure,
  BundleCorruptFailure,
} from './artifact-failures';
export { FileArtifactStore } from './file-artifact-store';
export { FileJournal } from './file-journal';
export { ModelBundles, type BundleFiles } from './model-bundles';
export { S3ArtifactStore, type S3Config } from './s3-artifact-store';
export { TrainingCheckpoints } from './training-checkpoints';
