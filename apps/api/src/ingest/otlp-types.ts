import type { Request } from 'express';

export const JSON_TYPE = 'application/json';
export const PROTOBUF_TYPE = 'application/x-protobuf';

/** Without its parameters, in small letters. */
export function contentTypeOf({ headers }: Pick<Request, 'headers'>): string | undefined {
  return headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
}
