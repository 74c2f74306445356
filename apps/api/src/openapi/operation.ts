import type { z } from 'zod';

/** One door, as the documentation shows it. */
export interface Operation {
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  readonly path: string;
  readonly tag: string;
  readonly summary: string;
  readonly query?: z.ZodObject;
  readonly params?: Readonly<Record<string, z.ZodType>>;
  readonly body?: { readonly types: readonly string[]; readonly schema?: z.ZodType };
  readonly status: number;
  /** Content type of the answer; JSON when left out. */
  readonly type?: string;
  readonly answer?: z.ZodType;
  readonly isPublic?: boolean;
}
