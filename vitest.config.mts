import swc from 'unplugin-swc';
import { defineConfig } from 'vitest/config';
import { workspaceAlias } from './tools/workspace-alias.mjs';

const swcOptions = {
  jsc: {
    parser: { syntax: 'typescript' as const, decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    target: 'es2022' as const,
  },
};

/** Unit tests run everywhere; `*.int-spec.ts` use real services and run in the `integration` project. */
export default defineConfig({
  plugins: [swc.vite(swcOptions)],
  resolve: { alias: workspaceAlias() },
  test: {
    environment: 'node',
    passWithNoTests: true,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['**/src/**/*.spec.ts'],
          exclude: ['**/node_modules/**', 'apps/dashboard/**', 'dist/**'],
          // A machine may be busy with something else: time shows what hangs, not what is slow.
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['**/src/**/*.int-spec.ts'],
          exclude: ['**/node_modules/**', 'dist/**'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
          // Most of them wait for a service half of their time.
          maxWorkers: 2,
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['apps/*-e2e/src/**/*.e2e-spec.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
