import { dayOf, type Key, timeOf } from './key.js';
import type { Words } from './words.js';

interface KeyTableProps {
  readonly keys: readonly Key[];
  readonly words: Words;
  /** Null: it is not offered. */
  readonly onRevoke: ((key: Key) => void) | null;
  readonly onRotate: ((key: Key) => void) | null;
}

export function KeyTable({ keys, words, onRevoke, onRotate }: KeyTableProps) {
  if (keys.length === 0) return <p>There is no {words.one} here.</p>;
  return (
    <div className="table">
      <table>
        <thead>
          <tr>
            {['Name', 'Ends in', 'Status', 'Environment', 'Scopes', 'Products', 'Created', 'Expires', 'Last used', ''].map(
              (title) => (
                <th key={title} scope="col">
                  {title === '' ? <span className="unseen">Actions</span> : title}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {keys.map((key) => (
            <tr key={key.id}>
              <th scope="row">{key.name}</th>
              <td>{key.lastFour === null ? 'unknown' : <code>{key.lastFour}</code>}</td>
              <td>
                <span className={`status ${key.status}`}>{key.status}</span>
              </td>
              <td>{key.environment ?? 'none'}</td>
              <td>{key.scopes.length === 0 ? 'none' : key.scopes.join(', ')}</td>
              <td>{productsOf(key)}</td>
              <td>{dayOf(key.createdAt)}</td>
              <td>{dayOf(key.expiresAt)}</td>
              <td>{timeOf(key.lastUsedAt)}</td>
              <td className="actions">
                {key.status !== 'revoked' && <Actions apiKey={key} onRevoke={onRevoke} onRotate={onRotate} />}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Actions({ apiKey, onRevoke, onRotate }: { readonly apiKey: Key } & Pick<KeyTableProps, 'onRevoke' | 'onRotate'>) {
  return (
    <>
      {onRotate !== null && apiKey.status === 'active' && (
        <button
          type="button"
          className="quiet"
          aria-label={`Rotate ${apiKey.name}`}
          onClick={() => {
            onRotate(apiKey);
          }}
        >
          Rotate
        </button>
      )}
      {onRevoke !== null && (
        <button
          type="button"
          className="quiet"
          aria-label={`Revoke ${apiKey.name}`}
          onClick={() => {
            onRevoke(apiKey);
          }}
        >
          Revoke
        </button>
      )}
    </>
  );
}

function productsOf({ products }: Key): string {
  if (products === 'all') return 'all';
  return products.length === 0 ? 'none' : products.join(', ');
}
