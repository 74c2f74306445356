import swc from 'unplugin-swc';
import { defineConfig } from 'vitest/config';
import { workspaceAlias } from '../../tools/workspace-alias.mjs';

/** Services and pure functions without a browser; pages are tested by `dashboard-e2e` in Chromium. */
export default defineConfig({
  plugins: [
    swc.vite({
      jsc: {
        parser: { syntax: 'typescript', decorators: true },
        transform: { legacyDecorator: true },
        target: 'es2022',
      },
    }),
  ],
  resolve: { alias: workspaceAlias() },
  root: import.meta.dirname,
  test: {
    environment: 'node',
    include: ['src/**/*.spec.ts'],
    setupFiles: ['src/test-setup.ts'],
    reporters: ['default', 'json'],
    outputFile: { json: '../../test-results/dashboard.json' },
  },
});
