import type { ChangeScope, LoggedChange } from '#libs/key-domain';

/** A change as the journal holds it; what its scope does not name is empty. */
export interface ChangeRow {
  readonly kind: ChangeScope['kind'];
  readonly account_id: string;
  readonly key_id: string;
  readonly handles: readonly string[];
}

export function changeOf({ kind, account_id: accountId, key_id: keyId, handles }: ChangeRow, number: number): LoggedChange {
  if (kind === 'all') return { number, scope: { kind }, handles };
  if (kind === 'account') return { number, scope: { kind, accountId }, handles };
  return { number, scope: { kind, accountId, keyId }, handles };
}
