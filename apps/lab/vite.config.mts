import { fileURLToPath } from 'node:url';
import { nodeApp } from '../../tools/vite-node-app.mjs';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default nodeApp({
  root: here('.'),
  outDir: here('../../dist/apps/lab'),
  entries: {
    main: here('src/main.ts'),
    'template-job': here('src/bench/template-job.ts'),
    'memory-job': here('src/bench/memory-job.ts'),
    'pipeline-job': here('src/bench/pipeline-job.ts'),
    'pipeline-process-job': here('src/bench/pipeline-process-job.ts'),
    'pipeline-memory-job': here('src/bench/pipeline-memory-job.ts'),
    'train-job': here('src/bench/train-job.ts'),
    'score-job': here('src/bench/score-job.ts'),
  },
});
