import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import { MeasurementFailure } from './measurement-failure';
import type { PipelineJob, PipelineRun } from './pipeline-detectors';

/** Detectors are made of the jobs; then each run is answered by what it took. */
export type PipelineProcessOrder =
  { readonly type: 'make'; readonly jobs: readonly PipelineJob[] } | { readonly type: 'run' };

/** `PipelineDetectors` in a process of their own, so that its memory is theirs and nobody else's. */
export class PipelineProcess implements AsyncDisposable {
  private readonly child: ChildProcess;
  private readonly ended: Promise<never>;

  constructor(jobs: readonly PipelineJob[]) {
    const program = join(dirname(process.argv[1] ?? ''), 'pipeline-process-job.js');
    // As structured clones: a model is bytes.
    this.child = fork(program, { serialization: 'advanced' });
    this.ended = once(this.child, 'exit').then(([code, signal]) => {
      throw new MeasurementFailure(`the detectors' process ended with ${code ?? signal}`);
    });
    // It is waited for where something is asked.
    this.ended.catch(() => undefined);
    this.send({ type: 'make', jobs });
  }

  /** @throws MeasurementFailure when the process ends */
  async run(): Promise<PipelineRun> {
    const answer = once(this.child, 'message') as Promise<[PipelineRun]>;
    this.send({ type: 'run' });
    const [run] = await Promise.race([answer, this.ended]);
    return run;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.ended.catch(() => undefined);
  }

  private send(order: PipelineProcessOrder): void {
    this.child.send(order);
  }
}
