import { HttpErrorResponse } from '@angular/common/http';
import { problemSchema } from '@logbert/contracts';
import { ZodError } from 'zod';

/** What a person is told when something did not work; status 0 means that no answer came. */
export interface ShownProblem {
  readonly title: string;
  readonly detail: string;
  readonly status: number;
  readonly errors: readonly { readonly field: string; readonly reason: string }[];
}

/** Translates whatever a request failed with into something to show. */
export function problemOf(error: unknown): ShownProblem {
  const found = httpErrorIn(error);
  if (found !== undefined) return problemOfAnswer(found);
  if (error instanceof ZodError) {
    return {
      title: 'The answer was not understood',
      detail:
        'The server and this page are probably of different versions. Reload the page; if that does not help, restart the server.',
      status: 0,
      errors: error.issues.slice(0, 5).map((issue) => ({
        field: issue.path.join('.'),
        reason: issue.message,
      })),
    };
  }
  return {
    title: 'Something went wrong',
    detail: error instanceof Error ? error.message : String(error),
    status: 0,
    errors: [],
  };
}

/** A resource wraps what is not an `Error` and keeps the original as its cause. */
function httpErrorIn(error: unknown): HttpErrorResponse | undefined {
  if (error instanceof HttpErrorResponse) return error;
  if (error instanceof Error && error.cause instanceof HttpErrorResponse) return error.cause;
  return undefined;
}

function problemOfAnswer(error: HttpErrorResponse): ShownProblem {
  if (error.status === 0) {
    return {
      title: 'The server cannot be reached',
      detail:
        'Check that LogBERT is running and that the network lets you through, then try again.',
      status: 0,
      errors: [],
    };
  }
  const problem = problemSchema.safeParse(bodyOf(error));
  if (problem.success) {
    const { title, detail, status, errors } = problem.data;
    return { title, detail, status, errors: errors ?? [] };
  }
  return {
    title: `The server answered ${error.status}`,
    detail: error.status >= 500 ? 'Its log says why. Try again in a moment.' : error.statusText,
    status: error.status,
    errors: [],
  };
}

function bodyOf(error: HttpErrorResponse): unknown {
  if (typeof error.error !== 'string') return error.error;
  try {
    return JSON.parse(error.error);
  } catch {
    return undefined;
  }
}
