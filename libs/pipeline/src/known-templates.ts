import type { Parameter } from '@logbert/contracts';

/** The templates by which a window was judged: a model's, or those met before the first. */
export interface KnownTemplates {
  readonly modelId: string | null;
  readonly miner: {
    match(message: string): { readonly parameters: readonly Parameter[] } | undefined;
  };
  readonly vocabulary: { keyOf(token: number): string | undefined };
  readonly catalogue: {
    textOf(id: string): string | undefined;
    serviceOf(id: string): string | undefined;
  };
}
