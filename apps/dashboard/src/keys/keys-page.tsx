import { useCallback, useState } from 'react';
import { Problem } from '../parts/problem.js';
import { mayWriteKeys, useSignedIn } from '../session/session.js';
import { CreateDialog } from './create-dialog.js';
import { type Filter, FilterForm } from './filter-form.js';
import { KeyTable } from './key-table.js';
import type { Key } from './key.js';
import { RevokeDialog } from './revoke-dialog.js';
import { RotateDialog } from './rotate-dialog.js';
import { useKeys } from './use-keys.js';
import type { Words } from './words.js';

type Open = { readonly what: 'create' } | { readonly what: 'revoke' | 'rotate'; readonly key: Key } | null;

/** The keys of the account, and what is done with them. */
export function KeysPage({ words }: { readonly words: Words }) {
  const mayWrite = mayWriteKeys(useSignedIn());
  const [filter, setFilter] = useState<Filter>({ search: '', status: '' });
  const [open, setOpen] = useState<Open>(null);
  const [done, setDone] = useState('');
  const { keys, hasMore, more, again, isUnderWay, refusal } = useKeys(filter);
  const close = useCallback(() => {
    setOpen(null);
  }, []);
  const changed = (said: string) => {
    setDone(said);
    again();
  };
  return (
    <main>
      <div className="title">
        <h1>{words.title}</h1>
        {mayWrite && (
          <button
            type="button"
            onClick={() => {
              setOpen({ what: 'create' });
            }}
          >
            {words.create}
          </button>
        )}
      </div>
      <FilterForm onFilter={setFilter} />
      <p role="status">{done}</p>
      <Problem refusal={refusal} />
      {keys !== null && (
        <KeyTable
          keys={keys}
          words={words}
          onRevoke={
            mayWrite
              ? (key) => {
                  setOpen({ what: 'revoke', key });
                }
              : null
          }
          onRotate={
            mayWrite
              ? (key) => {
                  setOpen({ what: 'rotate', key });
                }
              : null
          }
        />
      )}
      {hasMore && (
        <button type="button" className="quiet" disabled={isUnderWay} onClick={more}>
          Show more
        </button>
      )}
      {refusal !== null && (
        <button type="button" className="quiet" onClick={again}>
          Try again
        </button>
      )}
      {open?.what === 'create' && <CreateDialog words={words} onDone={changed} onClose={close} />}
      {open?.what === 'revoke' && <RevokeDialog apiKey={open.key} words={words} onDone={changed} onClose={close} />}
      {open?.what === 'rotate' && <RotateDialog apiKey={open.key} words={words} onDone={changed} onClose={close} />}
    </main>
  );
}
