import type { z } from 'zod';

/** What is wrong with one field. */
export interface FieldProblem {
  readonly path: readonly PropertyKey[];
  readonly reason: string;
}

type Issue = z.core.$ZodIssue;

/**
 * What is wrong, and as far as the schema tells it, what would be right.
 *
 * @param unknown what is said of a field that the schema does not have
 */
export function problemsOfIssue(issue: Issue, unknown: string): readonly FieldProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...issue.path, key], reason: unknown }));
  }
  return [{ path: issue.path, reason: reasonOf(issue) }];
}

function reasonOf(issue: Issue): string {
  // Of one value or several: each of the alternatives says what it would take.
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const reasons = issue.errors.flatMap(([first]) => (first ? [reasonOf(first)] : []));
    return [...new Set(reasons)].join('; or: ');
  }
  const said = issue.message.replace(/^Invalid (?:input|option): /, '');
  return said.replace(
    /^expected (?<what>.*), received undefined$/,
    'is missing: $<what> is expected',
  );
}
