import type { SourcePin } from '@logbert/contracts';
import { Failure } from '@logbert/failure';

/** The training child ended without an answer: killed, out of memory, or crashed. */
export class TrainingCrashFailure extends Failure {
  readonly code = 'training/crash';
  readonly retriable = true;
}

/** The training child met an error and told it before it ended. */
export class TrainingChildFailure extends Failure {
  constructor(
    readonly code: string,
    message: string,
    readonly retriable: boolean,
  ) {
    super(message);
  }
}

/** Somebody, or the end of the server, asked the job to stop. */
export class TrainingCancelledFailure extends Failure {
  readonly code = 'training/cancelled';
  readonly retriable = true;
}

/** The source no longer has the lines that the job read at first. */
export class TrainingSourceChangedFailure extends Failure {
  readonly code = 'training/source-changed';
  readonly retriable = false;

  constructor(before: SourcePin[number], linesNow: number) {
    const what = before.source === '' ? 'the file' : `${before.source}/${before.partition}`;
    const now = linesNow === before.lines ? 'others' : `${linesNow}`;
    super(
      `The source has changed since the job began: ${what} gave ${before.lines} lines, and ${now} now. ` +
        'Either their retention was over or the file was replaced. Start a new job.',
    );
  }
}

/** The job is another process's by now, or was cancelled: what this one found of it is not wanted any more. */
export class JobTakenFailure extends Failure {
  readonly code = 'training/taken';
  readonly retriable = false;

  constructor(jobId: string) {
    super(`Job ${jobId} was taken over or cancelled meanwhile.`);
  }
}
