import { fileURLToPath } from 'node:url';

/** The repository's top folder. */
export const REPOSITORY = fileURLToPath(new URL('../../../', import.meta.url));
