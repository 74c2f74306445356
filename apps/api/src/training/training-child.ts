import { type ChildProcess, fork } from 'node:child_process';
import type {
  EpochLoss,
  ModelMetrics,
  Resumption,
  SourcePin,
  TrainingProgress,
} from '@logbert/contracts';
import {
  TrainingCancelledFailure,
  TrainingChildFailure,
  TrainingCrashFailure,
} from './training-failures';
import type { TrainingCommand, TrainingOrder, TrainingReport } from './training-order';

/** Time that a child has to stop by itself before it is killed. */
const STOP_MS = 3_000;
const KEPT_ERROR_OUTPUT = 2_000;

export interface TrainingListener {
  readonly onProgress: (progress: TrainingProgress) => void;
  readonly onEpoch: (epoch: EpochLoss) => void;
  readonly onPinned: (pin: SourcePin) => void;
  readonly onResumed: (resumption: Resumption, history: readonly EpochLoss[]) => void;
  /** Something for the log. */
  readonly onNotice: (text: string) => void;
}

/** One training job in a process of its own, so that neither its memory nor its crash is the server's. */
export class TrainingChild {
  private readonly child: ChildProcess;
  private isCancelled = false;
  private errorOutput = '';
  readonly result: Promise<ModelMetrics>;

  constructor(program: string, order: TrainingOrder, listener: TrainingListener) {
    this.child = fork(program, [], {
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      // Flags of the server, such as an inspector's port, are not the child's.
      execArgv: [],
      serialization: 'advanced',
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.errorOutput = (this.errorOutput + text).slice(-KEPT_ERROR_OUTPUT);
    });
    this.result = this.follow(order, listener);
  }

  /** Asks the child to stop; one that does not is killed. */
  cancel(): void {
    this.isCancelled = true;
    this.send({ type: 'cancel' });
    const deadline = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS);
    this.child.once('close', () => clearTimeout(deadline));
  }

  private follow(order: TrainingOrder, listener: TrainingListener): Promise<ModelMetrics> {
    return new Promise((resolve, reject) => {
      let answer: Extract<TrainingReport, { type: 'done' | 'failed' }> | undefined;
      this.child.on('message', (message) => {
        const report = message as TrainingReport;
        if (report.type === 'ready') this.send({ type: 'start', order });
        else if (report.type === 'done' || report.type === 'failed') answer = report;
        else tell(listener, report);
      });
      this.child.once('error', (cause) =>
        reject(new TrainingCrashFailure(`The training process did not start.`, { cause })),
      );
      this.child.once('close', (code, signal) => {
        if (answer?.type === 'done') resolve(answer.metrics);
        else if (this.isCancelled) reject(new TrainingCancelledFailure('The job was cancelled.'));
        else if (answer?.type === 'failed') {
          reject(new TrainingChildFailure(answer.code, answer.message, answer.isRetriable));
        } else reject(new TrainingCrashFailure(this.obituary(code, signal)));
      });
    });
  }

  private send(command: TrainingCommand): void {
    // A child that has gone in this moment ends by its `close` event.
    if (this.child.connected) this.child.send(command, () => undefined);
  }

  private obituary(code: number | null, signal: NodeJS.Signals | null): string {
    const end = signal ? `was killed by ${signal}` : `ended with exit code ${code ?? 'unknown'}`;
    const hint =
      signal === 'SIGKILL' ? '; if nobody did that by hand, the machine was out of memory' : '';
    const lastWords = this.errorOutput.trim().split('\n').slice(-5).join('\n');
    return `The training process ${end} without an answer${hint}.${lastWords ? ` It said: ${lastWords}` : ''}`;
  }
}

function tell(
  listener: TrainingListener,
  report: Exclude<TrainingReport, { type: 'ready' | 'done' | 'failed' }>,
): void {
  switch (report.type) {
    case 'progress':
      return listener.onProgress(report.progress);
    case 'epoch':
      return listener.onEpoch(report.epoch);
    case 'pinned':
      return listener.onPinned(report.pin);
    case 'resumed':
      return listener.onResumed(report.resumption, report.history);
    case 'notice':
      return listener.onNotice(report.text);
  }
}
