import {
  type Account,
  type AccountStatus,
  type AccountStore,
  type Attribution,
  type CommittedChange,
  ConflictError,
  type Invitation,
  type NewAccount,
  type NewInvitation,
} from '#libs/key-domain';
import { Injectable } from '@nestjs/common';
import { LessThan } from 'typeorm';
import { Database } from '../connection/database.js';
import { AccountEntity } from '../schema/entities/account.entity.js';
import { MembershipEntity } from '../schema/entities/membership.entity.js';
import { lockAccount } from './account-lock.js';
import { putDown } from './audit-trail.js';
import { noteChange } from './change-journal.js';
import { insertAccount, putDownCreation } from './new-account.js';
import { insertInvitation, toInvitation, voidInvitations } from './stored-invitation.js';

const ACTIONS = { active: 'account.resumed', suspended: 'account.suspended' } as const;

@Injectable()
export class PostgresAccountStore implements AccountStore {
  constructor(private readonly database: Database) {}

  async list({ limit, before }: { readonly limit: number; readonly before: string | null }) {
    const found = await this.database.run((manager) =>
      manager.find(AccountEntity, {
        where: before === null ? {} : { id: LessThan(before) },
        order: { id: 'DESC' },
        take: limit + 1,
      }),
    );
    return { accounts: found.slice(0, limit).map(toAccount), hasMore: found.length > limit };
  }

  add(account: NewAccount, owner: NewInvitation, by: Attribution): Promise<{ account: Account; invitation: Invitation }> {
    return this.database.transaction(async (manager) => {
      await insertAccount(manager, account);
      await putDownCreation(manager, account, by);
      const invitation = await insertInvitation(manager, owner, by);
      const made = await manager.findOneByOrFail(AccountEntity, { id: account.accountId });
      return { account: toAccount(made), invitation: toInvitation(invitation) };
    });
  }

  inviteOwner(owner: NewInvitation, by: Attribution): Promise<Invitation | null> {
    const { accountId } = owner;
    return this.database.transaction(async (manager) => {
      await lockAccount(manager, accountId);
      if (!(await manager.existsBy(AccountEntity, { id: accountId }))) return null;
      await voidInvitations(manager, accountId, by);
      // Only now: whoever was accepting an invitation has accepted it, and nobody does from here on.
      if (await manager.existsBy(MembershipEntity, { accountId })) {
        throw new ConflictError('The account has people: who else comes in is theirs to say.');
      }
      return toInvitation(await insertInvitation(manager, owner, by));
    });
  }

  setStatus(
    accountId: string,
    status: AccountStatus,
    by: Attribution,
  ): Promise<{ account: Account; change: CommittedChange } | null> {
    return this.database.transaction(async (manager) => {
      await lockAccount(manager, accountId);
      const former = await manager.findOneBy(AccountEntity, { id: accountId });
      if (former === null) return null;
      if (former.status !== status) {
        await manager.update(AccountEntity, { id: accountId }, { status });
        const target = { type: 'account', id: accountId } as const;
        const change = { before: { status: former.status }, after: { status } };
        await putDown(manager, { accountId, action: ACTIONS[status], target, ...change }, by);
      }
      return {
        account: { ...toAccount(former), status },
        change: await noteChange(manager, { kind: 'account', accountId }),
      };
    });
  }
}

function toAccount({ id, name, status, createdAt }: AccountEntity): Account {
  return { id, name, status, createdAt };
}
