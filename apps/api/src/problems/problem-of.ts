import { HttpException } from '@nestjs/common';
import type { Problem } from '@logbert/contracts';
import { Failure } from '@logbert/failure';
import { z } from 'zod';
import { RequestFailure } from './request-failure';

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Request time-out',
  409: 'Conflict',
  413: 'Content too large',
  415: 'Unsupported media type',
  421: 'Misdirected request',
  422: 'Unprocessable content',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Service unavailable',
};

/** Foreseen failures of the rooms that are not this server's fault, by code. */
const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  'artifact-store/missing': 409,
  'artifact-store/bundle-corrupt': 409,
  'pipeline/bundle': 409,
  'database/invalid-cursor': 400,
  'database/model-missing': 404,
  'log-records/content-type': 415,
  'log-records/json': 400,
  'log-records/otlp': 400,
  'log-records/loki': 400,
  'log-records/bulk': 400,
  'log-stream/unpack-damaged': 400,
  'log-stream/unpack-too-large': 413,
  'log-records/not-utf8': 400,
};

export interface ProblemAnswer {
  readonly problem: Problem;
  readonly retryAfterSeconds: number | undefined;
}

/** What a caller is told of an error; an unforeseen one keeps its details to the server's log. */
export function problemOf(error: unknown, instance: string): ProblemAnswer {
  if (error instanceof RequestFailure) {
    const errors = error.errors.length > 0 ? { errors: [...error.errors] } : {};
    return {
      problem: { ...head(error.status, error.code, instance), detail: error.message, ...errors },
      retryAfterSeconds: error.retryAfterSeconds,
    };
  }
  if (error instanceof Failure) {
    const status = STATUS_OF_CODE[error.code] ?? (error.retriable ? 503 : 422);
    return {
      problem: { ...head(status, error.code, instance), detail: error.message },
      retryAfterSeconds: status === 503 ? 5 : undefined,
    };
  }
  if (error instanceof HttpException) {
    const status = error.getStatus();
    const errors = partsDown(error.getResponse());
    return {
      problem: {
        ...head(status, `http/${status}`, instance),
        detail: error.message,
        ...(errors.length > 0 ? { errors } : {}),
      },
      retryAfterSeconds: undefined,
    };
  }
  if (isClientError(error)) {
    return {
      problem: { ...head(error.status, `http/${error.status}`, instance), detail: error.message },
      retryAfterSeconds: undefined,
    };
  }
  return {
    problem: {
      ...head(500, 'internal', instance),
      detail: 'The server met an error it did not foresee; its log has the details.',
    },
    retryAfterSeconds: undefined,
  };
}

const healthSchema = z.object({
  error: z.record(z.string(), z.object({ message: z.string().default('is down') })),
});

/** The parts that a failed health check found wanting. */
function partsDown(response: unknown): { field: string; reason: string }[] {
  const health = healthSchema.safeParse(response);
  if (!health.success) return [];
  return Object.entries(health.data.error).map(([field, { message }]) => ({
    field,
    reason: message,
  }));
}

/** An error of Express and its parsers that says itself what the caller did wrong. */
function isClientError(error: unknown): error is Error & { readonly status: number } {
  if (!(error instanceof Error) || !('status' in error)) return false;
  const { status } = error;
  return typeof status === 'number' && status >= 400 && status < 500;
}

function head(status: number, code: string, instance: string): Omit<Problem, 'detail'> {
  const type = `urn:logbert:problem:${code}`;
  return { type, title: TITLES[status] ?? `Status ${status}`, status, code, instance };
}
