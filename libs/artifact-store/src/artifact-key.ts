import { ArtifactKeyFailure } from './artifact-failures';

const NAME = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}$/;

/** The names of the key's path. @throws ArtifactKeyFailure when it is not one */
export function keyPath(key: string): readonly string[] {
  const names = key.split('/');
  if (!names.every((name) => NAME.test(name))) throw new ArtifactKeyFailure(key);
  return names;
}

/** As `keyPath`, for a folder; the empty one is the whole store. */
export function prefixPath(prefix: string): readonly string[] {
  const folder = prefix.replace(/\/$/, '');
  return folder === '' ? [] : keyPath(folder);
}
