import { Failure } from '@logbert/failure';

/** A program to be measured could not be found, prepared or run. */
export class MeasurementFailure extends Failure {
  readonly code = 'lab/measurement';
  readonly retriable = false;
}
