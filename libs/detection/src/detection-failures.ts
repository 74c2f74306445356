import { Failure } from '@logbert/failure';

/** There are too few windows to say how rare a score is. */
export class CalibrationFailure extends Failure {
  readonly code = 'detection/calibration';
  readonly retriable = false;

  constructor(
    readonly windows: number,
    readonly needed: number,
  ) {
    super(
      `${windows} calibration windows are too few: at least ${needed} are needed, ` +
        'since the scale of the tail is fitted to the largest of them',
    );
  }
}

/** What was kept of a detector or a grouper cannot be read back. */
export class SnapshotFailure extends Failure {
  readonly code = 'detection/snapshot';
  readonly retriable = false;
}

/** A score is NaN or infinite; compared with a threshold it would pass as normal. */
export class NonFiniteScoreFailure extends Failure {
  readonly code = 'detection/non-finite-score';
  readonly retriable = false;

  constructor(readonly channel: string) {
    super(`${channel}: the model's score of a window is not a finite number`);
  }
}
