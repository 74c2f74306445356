import { describe, expect, it } from 'vitest';
import { problemOf } from './problem-of';
import {
  NotFoundFailure,
  PartlyRefusedFailure,
  TooManyStreamsFailure,
  UnavailableFailure,
} from './request-failure';

describe('problemOf', () => {
  it.each([
    ['a server that is away for now', new UnavailableFailure('away'), 503, 5],
    ['a stream too many, which waits for a person', new TooManyStreamsFailure('x', 9), 429, 60],
    ['what is not there', new NotFoundFailure('stream', 'x'), 404, undefined],
    ['what can never be kept', new PartlyRefusedFailure('no', []), 400, undefined],
    ['what nobody foresaw', new TypeError('secret'), 500, undefined],
  ])('says of %s whether to try again', (_case, error, status, retryAfterSeconds) => {
    const answer = problemOf(error, '/here');
    expect(answer.problem.status).toBe(status);
    expect(answer.retryAfterSeconds).toBe(retryAfterSeconds);
  });

  it('names what was refused of a request, and keeps an error that nobody foresaw to the log', () => {
    const errors = [{ field: 'line 2', reason: 'too long' }];
    expect(problemOf(new PartlyRefusedFailure('1 of 2', errors), '/here').problem).toMatchObject({
      code: 'request/partly-refused',
      detail: '1 of 2',
      errors,
    });
    expect(JSON.stringify(problemOf(new TypeError('secret'), '/here'))).not.toContain('secret');
  });
});
