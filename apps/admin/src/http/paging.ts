import { z } from 'zod';
import type { Page, PageRequest } from '#libs/lifecycle';

const LIMIT_MESSAGE = 'A whole number from 1 to 200.';

/** The query of every list. */
export const pageQuery = z.object({
  limit: z
    .string()
    .regex(/^\d{1,3}$/, { error: LIMIT_MESSAGE })
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= 200, { error: LIMIT_MESSAGE })
    .default(50)
    .describe('How many, from 1 to 200.'),
  cursor: z.string().max(256).optional().describe('The nextCursor of the page before.'),
});
export type PageQuery = z.output<typeof pageQuery>;

export function pageRequest({ limit, cursor }: PageQuery): PageRequest {
  return { limit, cursor: cursor ?? null };
}

/** The answer of every list. */
export function listOf<Item>(page: Page<Item>): { data: readonly Item[]; nextCursor: string | null };
export function listOf<Item, View>(
  page: Page<Item>,
  view: (item: Item) => View,
): { data: readonly View[]; nextCursor: string | null };
export function listOf(page: Page<unknown>, view = (item: unknown): unknown => item): object {
  return { data: page.items.map((item) => view(item)), nextCursor: page.nextCursor };
}

export function listSchema<Item extends z.ZodType>(item: Item) {
  return z.object({ data: z.array(item), nextCursor: z.string().nullable() });
}
