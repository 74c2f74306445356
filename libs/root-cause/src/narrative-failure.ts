import { Failure } from '@logbert/failure';

export type NarrativeFailureReason =
  'no-evidence' | 'call-failed' | 'timed-out' | 'empty' | 'refused' | 'unreadable' | 'no-claims';

const MESSAGES: Readonly<Record<NarrativeFailureReason, string>> = {
  'no-evidence': 'there is no evidence that could be told',
  'call-failed': 'the language model could not be asked',
  'timed-out': 'the language model did not answer in time',
  empty: 'the language model answered nothing',
  refused: 'the language model refused to answer',
  unreadable: 'the answer of the language model holds no JSON of the agreed form',
  'no-claims': 'the answer of the language model makes no claim',
};

/** There is no prose for a report; the report is whole without it. */
export class NarrativeFailure extends Failure {
  readonly code: string;
  readonly retriable: boolean;

  constructor(
    readonly reason: NarrativeFailureReason,
    options?: ErrorOptions & { readonly detail?: string },
  ) {
    super(options?.detail ? `${MESSAGES[reason]}: ${options.detail}` : MESSAGES[reason], options);
    this.code = `root-cause/narrative-${reason}`;
    this.retriable = reason === 'call-failed' || reason === 'timed-out';
  }
}
