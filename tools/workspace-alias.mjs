import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../', import.meta.url);

/** Vite aliases for the `@logbert/*` rooms, read from `tsconfig.base.json` so that there is one list. */
export function workspaceAlias() {
  const { compilerOptions } = JSON.parse(readFileSync(new URL('tsconfig.base.json', root), 'utf8'));
  return Object.fromEntries(
    Object.entries(compilerOptions.paths).map(([name, [file]]) => [
      name,
      fileURLToPath(new URL(file, root)),
    ]),
  );
}
