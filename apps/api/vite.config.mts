import { fileURLToPath } from 'node:url';
import { nodeApp } from '../../tools/vite-node-app.mjs';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The server, its detector threads and its training child: three programs that share their chunks; and the database's thread. */
export default nodeApp({
  root: here('.'),
  outDir: here('../../dist/apps/api'),
  entries: {
    main: here('src/main.ts'),
    'detector-worker': here('src/inference/detector-worker.ts'),
    'training-process': here('src/training/training-process.ts'),
  },
  threads: [here('../../libs/database/src/embedded/engine-thread.mjs')],
});
