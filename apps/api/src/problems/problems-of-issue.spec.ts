import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { problemsOfIssue } from './problems-of-issue';

const schema = z.strictObject({
  limit: z.coerce.number().optional(),
  state: z.union([z.enum(['open', 'closed']), z.array(z.enum(['open', 'closed']))]).optional(),
  kind: z.enum(['file', 'upload']).default('file'),
  name: z.string().default(''),
});

function problemsOf(value: unknown): readonly string[] {
  const { error } = schema.safeParse(value);
  return (error?.issues ?? [])
    .flatMap((issue) => problemsOfIssue(issue, 'unknown field'))
    .map(({ path, reason }) => `${path.map(String).join('.')}: ${reason}`);
}

describe('problemsOfIssue', () => {
  it.each([
    [undefined, ': is missing: object is expected'],
    [{ limit: 'foo' }, 'limit: expected number, received NaN'],
    [{ kind: 'stream' }, 'kind: expected one of "file"|"upload"'],
    [
      { state: 'none' },
      'state: expected one of "open"|"closed"; or: expected array, received string',
    ],
    [{ name: 7 }, 'name: expected string, received number'],
  ])('says of %j what would be right', (value, problem) => {
    expect(problemsOf(value)).toEqual([problem]);
  });

  it('names each unknown field', () => {
    expect(problemsOf({ one: 1, two: 2 })).toEqual(['one: unknown field', 'two: unknown field']);
  });
});
