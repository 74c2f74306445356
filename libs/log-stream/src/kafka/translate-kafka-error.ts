import { Failure } from '@logbert/failure';
import { BrokerFailure, BrokerSetupFailure, RecordTooLargeFailure } from '../log-stream-failures';

const TOO_LARGE = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);
const SETUP =
  /(?:AUTHORIZATION_FAILED|SASL_AUTHENTICATION|UNSUPPORTED_SASL_MECHANISM|INVALID_TOPIC_EXCEPTION|UNKNOWN_TOPIC_OR_PARTITION)$/;

const WITHOUT_LEADER = new Set(['LEADER_NOT_AVAILABLE', 'NOT_LEADER_FOR_PARTITION']);

/** Whether it is told of a partition that another broker leads, or none, which passes. */
export function isWithoutLeader(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if ('type' in cause && WITHOUT_LEADER.has(String(cause.type))) return true;
  }
  return false;
}

/** What the client library threw as a Failure that says what we were doing. */
export function translateKafkaError(doing: string, error: unknown): Failure {
  if (error instanceof Failure) return error;
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const type = 'type' in cause ? String(cause.type) : '';
    const message = `${doing}: ${cause.message}`;
    if (TOO_LARGE.has(type)) return new RecordTooLargeFailure(message, { cause: error });
    if (SETUP.test(type) || cause.name === 'KafkaJSSASLAuthenticationError') {
      return new BrokerSetupFailure(message, { cause: error });
    }
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new BrokerFailure(`${doing}: ${reason}`, { cause: error });
}

/**
 * The same once it had worked. A topic that was deleted, or rights that were withdrawn, are mended by whoever runs the brokers: until then
 * what is to be sent waits, and nothing is given up for it.
 */
export function translateSendError(doing: string, error: unknown): Failure {
  const failure = translateKafkaError(doing, error);
  if (!(failure instanceof BrokerSetupFailure)) return failure;
  return new BrokerFailure(failure.message, { cause: error });
}
