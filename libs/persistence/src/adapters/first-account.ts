import type { Attribution, FirstAccount, Membership } from '#libs/key-domain';
import type { EntityManager } from 'typeorm';
import { MembershipEntity } from '../schema/entities/membership.entity.js';
import { PersonEntity } from '../schema/entities/person.entity.js';
import { putDown } from './audit-trail.js';
import { foldEmail } from './folded-email.js';
import { insertAccount, putDownCreation } from './new-account.js';
import { insertKey } from './stored-key.js';

/** Writes an account with everything it starts with, and the person who owns it. */
export async function insertFirstAccount(manager: EntityManager, first: FirstAccount, by: Attribution): Promise<Membership> {
  const { accountId, accountName, personId, email, passwordHash } = first;
  await insertAccount(manager, first);
  await manager.insert(PersonEntity, { id: personId, email, emailFolded: foldEmail(email), passwordHash, operator: true });
  await manager.insert(MembershipEntity, { personId, accountId, role: 'owner' });
  await insertKey(manager, first.serviceKey, by.actor);
  await putDownCreation(manager, first, by);
  const { id, name, scopes } = first.serviceKey;
  const made = { accountId, action: 'key.created', target: { type: 'key', id }, before: null, after: { name, scopes } } as const;
  await putDown(manager, made, by);
  return { personId, email, operator: true, accountId, accountName, accountSuspended: false, role: 'owner' };
}
