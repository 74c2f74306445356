import { problemSchema, type Problem } from '@logbert/contracts';
import { expect } from 'vitest';
import type { z } from 'zod';

/** Asks a door and checks the answer against its schema. */
export async function ask<Schema extends z.ZodType>(
  url: string,
  schema: Schema,
  init: RequestInit & { readonly status?: number } = {},
): Promise<z.output<Schema>> {
  const { status = 200, ...request } = init;
  const response = await fetch(url, request);
  const text = await response.text();
  expect(response.status, text).toBe(status);
  return schema.parse(JSON.parse(text));
}

/** Asks a door that must refuse. */
export async function askRefused(
  url: string,
  status: number,
  init: RequestInit = {},
): Promise<Problem> {
  const response = await fetch(url, init);
  const text = await response.text();
  expect(response.status, text).toBe(status);
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  return problemSchema.parse(JSON.parse(text));
}

export function json(method: string, body: unknown): RequestInit {
  return {
    method,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
}

/** Asks again until the answer fits; the doors that have no event are asked so. */
export async function eventually<T>(
  question: () => Promise<T>,
  fits: (answer: T) => boolean,
  { withinMs }: { readonly withinMs: number },
): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await question();
    if (fits(answer)) return answer;
    if (performance.now() > deadline) {
      throw new Error(`not within ${withinMs} ms; the last answer: ${JSON.stringify(answer)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
