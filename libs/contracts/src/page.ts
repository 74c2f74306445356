import * as z from 'zod';

/** The envelope of every list. */
export const pageSchema = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item).readonly(), nextCursor: z.string().nullable() }).readonly();

export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor: string | null;
}

export const pageQuerySchema = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().max(200).optional(),
});

export type PageQuery = Readonly<z.infer<typeof pageQuerySchema>>;
