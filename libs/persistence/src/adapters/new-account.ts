import type { Attribution, NewAccount } from '#libs/key-domain';
import type { EntityManager } from 'typeorm';
import { AccountEntity } from '../schema/entities/account.entity.js';
import { KeyFormatEntity } from '../schema/entities/key-format.entity.js';
import { ScopeEntity } from '../schema/entities/scope.entity.js';
import { putDown } from './audit-trail.js';

/** Writes an account with everything that its keys can be given from the start. */
export async function insertAccount(manager: EntityManager, account: NewAccount): Promise<void> {
  const { accountId, accountName, defaultFormat, formats, scopes } = account;
  await manager.insert(AccountEntity, { id: accountId, name: accountName, defaultFormat });
  await manager.insert(
    KeyFormatEntity,
    formats.map((format) => ({ accountId, ...format, environments: [...format.environments] })),
  );
  await manager.insert(
    ScopeEntity,
    scopes.map(({ name, group, description }) => ({ accountId, name, groupName: group, description })),
  );
}

/** Begins the account's record. */
export async function putDownCreation(manager: EntityManager, account: NewAccount, by: Attribution): Promise<void> {
  const { accountId, accountName } = account;
  const target = { type: 'account', id: accountId } as const;
  await putDown(manager, { accountId, action: 'account.created', target, before: null, after: { name: accountName } }, by);
}
