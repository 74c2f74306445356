import { Failure } from '@logbert/failure';
import {
  DatabaseConflictFailure,
  DatabaseExhaustedFailure,
  DatabaseUnavailableFailure,
} from './database-failures';

const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** Messages of `pg` and PGlite that come without a code. */
const LOST =
  /^(?:Connection terminated|Client has encountered a connection error|Client was closed|timeout exceeded when trying to connect|Query read timeout|Cannot use a pool after|PGlite is clos)/;

/** What a driver threw as the Failure it stands for; anything else unchanged. */
export function translateError(error: unknown): unknown {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof Failure) return cause;
    const code = 'code' in cause && typeof cause.code === 'string' ? cause.code : '';
    // 08: connection exception, 57P01 to 57P05: shut down, starting up, or dropped by the server.
    if (/^(?:08...|57P0[1-5])$/.test(code) || NETWORK_CODES.has(code) || LOST.test(cause.message)) {
      return new DatabaseUnavailableFailure(cause);
    }
    // The next id is another one: a sequence can be behind its table after a restore, or a crash of a copied database.
    if (code === '23505' && 'table' in cause && cause.table === 'events') {
      return new DatabaseConflictFailure(cause);
    }
    if (code === '40001' || code === '40P01') return new DatabaseConflictFailure(cause);
    // A standby that is not promoted yet, or a former primary: writes go to another server, or to this one later.
    if (code === '25006') return new DatabaseUnavailableFailure(cause);
    // 53: out of disk, memory or connections; 58030: the disk answered with an error.
    if (/^(?:53...|58030)$/.test(code)) return new DatabaseExhaustedFailure(cause);
  }
  return error;
}

/** The repository with every promise that it gives translated. */
export function translatingErrors<Repository extends object>(repository: Repository): Repository {
  return new Proxy(repository, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...args: readonly unknown[]) => {
        const answer: unknown = Reflect.apply(member, target, args);
        return answer instanceof Promise ? answer.catch(rethrow) : answer;
      };
    },
  });
}

export function rethrow(error: unknown): never {
  throw translateError(error);
}
