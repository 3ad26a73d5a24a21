import type { Attribution } from '../audit/attribution.js';
import type { KeyFormat } from '../format/key-format.js';
import type { CatalogueScope } from './catalogue-store.js';
import type { CommittedChange } from './enforcement.js';
import type { Invitation, NewInvitation } from './invitation-store.js';

export type AccountStatus = 'active' | 'suspended';

export interface Account {
  readonly id: string;
  readonly name: string;
  readonly status: AccountStatus;
  readonly createdAt: Date;
}

/** An account with what its keys can be given from the start. */
export interface NewAccount {
  readonly accountId: string;
  readonly accountName: string;
  readonly defaultFormat: string;
  readonly formats: readonly KeyFormat[];
  readonly scopes: readonly CatalogueScope[];
}

/**
 * The accounts of an installation, across which operators act. What they do is put down in the record of the account.
 * @throws UnavailableError when the store can't be asked
 */
export interface AccountStore {
  /** Newest first. @param page `before`: the last account of the page before */
  list(page: { readonly limit: number; readonly before: string | null }): Promise<{
    readonly accounts: readonly Account[];
    readonly hasMore: boolean;
  }>;
  /** With the invitation of its owner. */
  add(
    account: NewAccount,
    owner: NewInvitation,
    by: Attribution,
  ): Promise<{ readonly account: Account; readonly invitation: Invitation }>;
  /**
   * Invites the owner of an account that nobody is in: its earlier invitations are void then. Null: there is no such account.
   * @throws ConflictError when somebody is in it: who else comes is theirs to say
   */
  inviteOwner(owner: NewInvitation, by: Attribution): Promise<Invitation | null>;
  /**
   * Suspends an account or resumes it; put down only where it changes something, and to be enforced in any case: an earlier
   * call may not have got that far. Null: there is no such account.
   */
  setStatus(
    accountId: string,
    status: AccountStatus,
    by: Attribution,
  ): Promise<{ readonly account: Account; readonly change: CommittedChange } | null>;
}

export const AccountStore = Symbol('AccountStore');
