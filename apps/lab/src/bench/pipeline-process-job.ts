import { PipelineDetectors } from './pipeline-detectors';
import type { PipelineProcessOrder } from './pipeline-process';

// A process of its own for detectors that work side by side. What a detector dies of ends it.
let detectors: PipelineDetectors | undefined;

process.on('message', (order: PipelineProcessOrder) => {
  if (order.type === 'make') detectors = new PipelineDetectors(order.jobs);
  else void run();
});

// Whoever asked is gone.
process.once('disconnect', () => process.exit());

async function run(): Promise<void> {
  if (!detectors) throw new TypeError('there are no detectors to run');
  process.send?.(await detectors.run());
}
