import type { components, paths } from '#libs/rest-contract';
import createClient from 'openapi-fetch';
import { Refusal } from './refusal.js';

export type Schemas = components['schemas'];

/** The admin that served this page; the session is in a cookie that no script can read. */
export const api = createClient<paths>({ baseUrl: location.origin, credentials: 'same-origin' });

interface Result<Data> {
  readonly data?: Data;
  readonly error?: unknown;
  readonly response: Response;
}

/**
 * What the admin answered.
 * @throws Refusal where it refused, and where there was no answer
 */
export async function answerOf<Data>(call: Promise<Result<Data>>): Promise<Data> {
  const { data, error, response } = await call.catch((cause: unknown) => {
    throw Refusal.unreachable(cause);
  });
  if (!response.ok) throw Refusal.of(response.status, error);
  return data as Data;
}

interface Page<Item> {
  readonly data: readonly Item[];
  readonly nextCursor: string | null;
}

/** Everything of a list, page by page. */
export async function wholeList<Item>(
  page: (cursor: { readonly cursor?: string }) => Promise<Page<Item>>,
): Promise<readonly Item[]> {
  const items: Item[] = [];
  let cursor: string | null = null;
  do {
    const { data, nextCursor }: Page<Item> = await page(cursor === null ? {} : { cursor });
    items.push(...data);
    cursor = nextCursor;
  } while (cursor !== null);
  return items;
}
