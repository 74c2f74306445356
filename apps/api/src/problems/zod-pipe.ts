import type { PipeTransform } from '@nestjs/common';
import type { z } from 'zod';
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
      answer.error.issues.flatMap((issue) => {
        const path = issue.path.map(String);
        if (issue.code === 'unrecognized_keys') {
          return issue.keys.map((key) => ({
            field: [...path, key].join('.'),
            reason: 'unknown field',
          }));
        }
        return [{ field: path.join('.') || this.name, reason: issue.message }];
      }),
    );
  }
}
