import type { ReportHead } from '../reporting/report';
import { writeReport } from '../reporting/report';
import { formatTable } from '../reporting/table';
import { mebibytes } from './measure';
import { runJob } from './model-runs';
import { type PipelineMemoryJob, pipelineMemoryUsageSchema } from './model-usage';

/** Parts of a job, each with the stage that is told of last when it is done. */
const DONE_AT = {
  windows: 'windowing',
  'trimming and training': 'calibrating',
  calibration: 'saving',
} as const;

/** Peak memory of a whole training job, from windows or raw lines to the bundle, at the default settings. */
export async function benchPipelineMemory(
  job: PipelineMemoryJob,
  head: ReportHead,
  file: string | undefined,
): Promise<void> {
  const usage = await runJob('pipeline-memory-job', job, pipelineMemoryUsageSchema);
  const { peakMemoryBytes, peakBytesByStage } = usage;
  const different = job.distinct === undefined ? 'all different' : `${job.distinct} different`;
  const rows = [
    ...Object.entries(DONE_AT).map(([part, stage]) => [
      `to the end of ${part}`,
      mebibytes(peakBytesByStage[stage] ?? NaN),
    ]),
    ['all', mebibytes(peakMemoryBytes)],
  ];
  const title = `${usage.windows} windows of up to ${job.lines} lines, ${different}`;
  console.log(formatTable([title, 'peak memory'], rows));
  console.log(
    `\n${usage.trimmedWindows} trimmed, bundle of ${mebibytes(usage.bundleBytes)}, ${Math.round(usage.seconds)} s`,
  );
  if (file !== undefined) writeReport(file, { ...head, ...job, ours: usage });
}
