import { useCallback, useState } from 'react';
import { answerOf, api, type Schemas } from '../api/admin-api.js';
import type { Refusal } from '../api/refusal.js';
import { useAction } from '../parts/use-action.js';
import { useLoaded } from '../parts/use-loaded.js';
import type { Filter } from './filter-form.js';
import type { Key } from './key.js';

type Page = Schemas['KeyList'];

interface Keys {
  /** Null: not known yet. */
  readonly keys: readonly Key[] | null;
  readonly hasMore: boolean;
  readonly isUnderWay: boolean;
  readonly refusal: Refusal | null;
  /** Adds the next page. */
  readonly more: () => void;
  /** Begins with the first page again. */
  readonly again: () => void;
}

/** Pages that follow a first one, and only that: another one is of another filter, or of another moment. */
interface Further {
  readonly after: Page | null;
  readonly pages: readonly Page[];
}

/** The keys that a filter leaves, newest first, page by page. */
export function useKeys({ search, status }: Filter): Keys {
  const page = useCallback(
    (cursor: { readonly cursor?: string }) => {
      const query = { ...cursor, ...(search !== '' && { search }), ...(status !== '' && { status }) };
      return answerOf(api.GET('/api/v1/keys', { params: { query } }));
    },
    [search, status],
  );
  const first = useLoaded(useCallback(() => page({}), [page]));
  const [further, setFurther] = useState<Further>({ after: null, pages: [] });
  const { run, isUnderWay, refusal, forget } = useAction();
  const beyondFirst = further.after === first.data ? further.pages : [];
  const pages = first.data === null ? [] : [first.data, ...beyondFirst];
  const cursor = pages.at(-1)?.nextCursor ?? null;
  const more = () => {
    if (cursor === null) return;
    run(async () => {
      const next = await page({ cursor });
      setFurther({ after: first.data, pages: [...beyondFirst, next] });
    });
  };
  return {
    keys: first.data === null ? null : pages.flatMap(({ data }) => data),
    hasMore: cursor !== null,
    isUnderWay,
    refusal: first.refusal ?? refusal,
    more,
    again: () => {
      forget();
      first.again();
    },
  };
}
