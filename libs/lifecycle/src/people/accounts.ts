import { Inject, Injectable } from '@nestjs/common';
import {
  type Account,
  type AccountStatus,
  AccountStore,
  type Enforced,
  Enforcement,
  newId,
  type NewInvitation,
  NotFoundError,
  PepperRing,
  STARTING_FORMATS,
} from '#libs/key-domain';
import { readCursor, writeCursor } from '../paging/cursor.js';
import type { Page, PageRequest } from '../paging/page.js';
import { attributionAs, type PersonPrincipal } from '../principal.js';
import { STARTING_SCOPES } from '../setup/starting-scopes.js';
import { INVITATION_LIFETIME_SECONDS, type OpenInvitation } from './invitations.js';
import { mintOpaqueToken } from './opaque-token.js';

const ACCOUNT_ID = /^acc_[0-9a-z]{1,60}$/;

const NO_SUCH_ACCOUNT = 'There is no such account.';

/** The accounts of the installation, for operators. */
@Injectable()
export class Accounts {
  constructor(
    @Inject(AccountStore) private readonly accounts: AccountStore,
    @Inject(Enforcement) private readonly enforcement: Enforcement,
    @Inject(PepperRing) private readonly peppers: PepperRing,
  ) {}

  /** Newest first. @throws InvalidRequestError at `cursor` */
  async list({ limit, cursor }: PageRequest): Promise<Page<Account>> {
    const before = cursor === null ? null : readCursor(cursor, (text) => ACCOUNT_ID.test(text));
    const { accounts, hasMore } = await this.accounts.list({ limit, before });
    const last = accounts.at(-1);
    return { items: accounts, nextCursor: hasMore && last !== undefined ? writeCursor(last.id) : null };
  }

  /** Makes an account that nobody is in until its owner accepts. */
  async open(
    operator: PersonPrincipal,
    accountName: string,
    ownerEmail: string,
  ): Promise<{ readonly account: Account } & OpenInvitation> {
    const [format] = STARTING_FORMATS;
    if (format === undefined) throw new Error('there is no key format to start with');
    const accountId = newId('acc');
    const { token, owner } = this.#ownerOf(accountId, ownerEmail);
    const made = await this.accounts.add(
      { accountId, accountName, defaultFormat: format.name, formats: STARTING_FORMATS, scopes: STARTING_SCOPES },
      owner,
      attributionAs('operator', operator),
    );
    return { ...made, token };
  }

  /**
   * Invites the owner of an account that nobody is in yet; earlier links into it are void then.
   * @throws NotFoundError where there is no such account
   * @throws ConflictError when somebody is in it
   */
  async inviteOwner(operator: PersonPrincipal, accountId: string, ownerEmail: string): Promise<OpenInvitation> {
    const { token, owner } = this.#ownerOf(accountId, ownerEmail);
    const invited = ACCOUNT_ID.test(accountId)
      ? await this.accounts.inviteOwner(owner, attributionAs('operator', operator))
      : null;
    if (invited === null) throw new NotFoundError(NO_SUCH_ACCOUNT);
    return { invitation: invited, token };
  }

  /**
   * From when it returns no key of a suspended account is accepted anywhere.
   * @throws NotFoundError where there is no such account
   * @throws EnforcementUnconfirmedError
   */
  async setStatus(
    operator: PersonPrincipal,
    accountId: string,
    status: AccountStatus,
  ): Promise<{ readonly account: Account; readonly enforced: Enforced }> {
    const changed = ACCOUNT_ID.test(accountId)
      ? await this.accounts.setStatus(accountId, status, attributionAs('operator', operator))
      : null;
    if (changed === null) throw new NotFoundError(NO_SUCH_ACCOUNT);
    return { account: changed.account, enforced: await this.enforcement.enforce(changed.change) };
  }
  /** The invitation of an account's owner, and the token in its link. */
  #ownerOf(accountId: string, email: string): { readonly token: string; readonly owner: NewInvitation } {
    const { token, digest } = mintOpaqueToken(this.peppers);
    const owner = { id: newId('inv'), accountId, email, role: 'owner', digest } as const;
    return { token, owner: { ...owner, lifetimeSeconds: INVITATION_LIFETIME_SECONDS } };
  }
}
