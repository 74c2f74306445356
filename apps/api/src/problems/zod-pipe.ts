import type { PipeTransform } from '@nestjs/common';
import type { z } from 'zod';
import { problemsOfIssue } from './problems-of-issue';
import { InvalidRequestFailure } from './request-failure';

/** Parses a body, query or parameter at the edge; what comes behind it is trusted. */
export class ZodPipe<Schema extends z.ZodType> implements PipeTransform<unknown, z.output<Schema>> {
  constructor(
    private readonly schema: Schema,
    /** Name of the whole value, for problems of a value without fields. */
    private readonly name = 'body',
  ) {}

  transform(value: unknown): z.output<Schema> {
    const answer = this.schema.safeParse(value);
    if (answer.success) return answer.data;
    throw new InvalidRequestFailure(
      answer.error.issues
        .flatMap((issue) => problemsOfIssue(issue, 'unknown field'))
        .map(({ path, reason }) => ({
          field: path.map(String).join('.') || this.name,
          reason,
        })),
    );
  }
}
