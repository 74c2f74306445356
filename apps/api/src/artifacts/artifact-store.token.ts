/** The `ArtifactStore` of this process. */
export const ARTIFACT_STORE = Symbol('ARTIFACT_STORE');
