import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import swc from 'unplugin-swc';
import { defineConfig } from 'vite';
import { workspaceAlias } from './workspace-alias.mjs';

/**
 * Vite configuration of a Node program: one file per entry, rooms bundled in, packages left outside.
 * @param {{ root: string, outDir: string, entries: Record<string, string>, threads?: readonly string[] }} app
 *   `threads` are modules in plain JavaScript that are started by their address beside the program: they go there as they are
 */
export function nodeApp({ root, outDir, entries, threads = [] }) {
  return defineConfig({
    root,
    logLevel: 'warn',
    plugins: [
      {
        name: 'threads',
        generateBundle() {
          for (const file of threads) {
            this.emitFile({ type: 'asset', fileName: basename(file), source: readFileSync(file) });
          }
        },
      },
      swc.vite({
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          target: 'es2022',
        },
      }),
    ],
    resolve: { alias: workspaceAlias() },
    build: {
      ssr: true,
      outDir,
      emptyOutDir: true,
      target: 'node20',
      minify: false,
      sourcemap: true,
      rollupOptions: {
        input: entries,
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  });
}
