import { Failure } from '@logbert/failure';

export interface ConfigurationProblem {
  /** Dotted name of the key, such as `server.port`. */
  readonly key: string;
  readonly reason: string;
  /** Where the value came from; undefined when it was given nowhere. */
  readonly source?: string | undefined;
}

/** The configuration names an unknown key or holds a wrong value; the program must not start. */
export class ConfigurationFailure extends Failure {
  readonly code = 'config/invalid';
  readonly retriable = false;

  constructor(readonly problems: readonly ConfigurationProblem[]) {
    super(
      problems
        .map(({ key, reason, source }) => `${key}: ${reason}${source ? ` (${source})` : ''}`)
        .join('\n'),
    );
  }
}
