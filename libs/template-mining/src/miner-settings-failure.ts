import { Failure } from '@logbert/failure';

/** A setting the miner cannot work with. */
export class MinerSettingsFailure extends Failure {
  readonly code = 'template-mining/settings';
  readonly retriable = false;

  constructor(
    readonly field: string,
    readonly reason: string,
  ) {
    super(`${field}: ${reason}`);
  }
}
