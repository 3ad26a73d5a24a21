import type { Attribution, FirstAccount, Membership } from '#libs/key-domain';
import type { EntityManager } from 'typeorm';
import { AccountEntity } from '../schema/entities/account.entity.js';
import { KeyFormatEntity } from '../schema/entities/key-format.entity.js';
import { MembershipEntity } from '../schema/entities/membership.entity.js';
import { PersonEntity } from '../schema/entities/person.entity.js';
import { ScopeEntity } from '../schema/entities/scope.entity.js';
import { putDown } from './audit-trail.js';
import { foldEmail } from './folded-email.js';
import { insertKey } from './stored-key.js';

/** Writes an account with everything it starts with, and the person who owns it. */
export async function insertFirstAccount(manager: EntityManager, first: FirstAccount, by: Attribution): Promise<Membership> {
  const { accountId, accountName, personId, email, passwordHash, defaultFormat } = first;
  await manager.insert(AccountEntity, { id: accountId, name: accountName, defaultFormat });
  await manager.insert(
    KeyFormatEntity,
    first.formats.map((format) => ({ accountId, ...format, environments: [...format.environments] })),
  );
  await manager.insert(
    ScopeEntity,
    first.scopes.map(({ name, group, description }) => ({ accountId, name, groupName: group, description })),
  );
  await manager.insert(PersonEntity, { id: personId, email, emailFolded: foldEmail(email), passwordHash, operator: true });
  await manager.insert(MembershipEntity, { personId, accountId, role: 'owner' });
  await insertKey(manager, first.serviceKey, by.actor);
  const target = { type: 'account', id: accountId } as const;
  await putDown(manager, { accountId, action: 'account.created', target, before: null, after: { name: accountName } }, by);
  return { personId, email, operator: true, accountId, accountName, accountSuspended: false, role: 'owner' };
}
