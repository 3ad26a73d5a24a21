import {
  type Attribution,
  type AuditAction,
  type AuditedState,
  type ChangedKey,
  changeOf,
  type ChangeScope,
  type CommittedChange,
  ConflictError,
  type Deed,
  type Key,
  type KeyChanges,
  type KeyFilter,
  type KeyPage,
  type KeyStore,
  type Leak,
  lookupHandle,
  type MatchingKeys,
  type NewKey,
  NotFoundError,
  OfferChangedError,
  type Revocation,
  type RevokedKeys,
  type RotatedKey,
  type Rotation,
} from '#libs/key-domain';
import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { type EntityManager, IsNull } from 'typeorm';
import { Database } from '../connection/database.js';
import { onViolation, StoreError } from '../connection/store-error.js';
import { KeyEntity } from '../schema/entities/key.entity.js';
import { eraseDeletedKey, putDown } from './audit-trail.js';
import { lastChangeOf, noteChange } from './change-journal.js';
import { listedIds } from './key-list/listed-ids.js';
import { matchingKeys, revokeMatchingKeys } from './key-list/matching-keys.js';
import { setCredits, setVersion } from './key-limits.js';
import { lockSecrets } from './key-secrets.js';
import { endSecret, rotateKey } from './key-rotation.js';
import { Turns } from './turns.js';
import { assertOffered } from './offer-version.js';
import { hangsOn, judgedBefore } from './standing.js';
import { auditedKey, columnsOf, insertKey, lockKey, readKeys, selectKey, selectKeys } from './stored-key.js';

const NOW = { name: 'now', text: 'SELECT clock_timestamp() AS now' };

const LEAKED: Revocation = { reason: 'key_compromise', description: 'A token of it was found in a public place.' };

const noSuchAccount = () => new NotFoundError('There is no such account.');
const noSuchFormat = () => new NotFoundError('The account has no such key format.');

@Injectable()
export class PostgresKeyStore implements KeyStore {
  readonly #turns = new Turns(10_000, 'The key is being changed too often at the moment.');

  constructor(private readonly database: Database) {}

  insert(key: NewKey, by: Attribution, offer?: number): Promise<Key> {
    return this.database
      .transaction(async (manager) => {
        await insertKey(manager, key, by.actor);
        const inserted = (await selectKey(manager, key.accountId, key.id)) ?? missingRow();
        await putDown(manager, deedOn('key.created', inserted, null, auditedKey(inserted)), by);
        await assertOffered(manager, key.accountId, offer);
        await noteChange(manager, scopeOf(inserted), [lookupHandle(key.secret.digest.digest)]);
        return inserted;
      })
      .catch(
        onViolation({
          keys_account_id_fkey: noSuchAccount,
          keys_account_id_format_fkey: () => (offer === undefined ? noSuchFormat() : new OfferChangedError()),
        }),
      );
  }

  find(accountId: string, keyId: string): Promise<Key | null> {
    return this.database.run((manager) => selectKey(manager, accountId, keyId));
  }

  async list(
    accountId: string,
    filter: KeyFilter,
    page: { readonly limit: number; readonly before: string | null },
  ): Promise<KeyPage> {
    const { keys, now } = await this.database.run(async (manager) => {
      const { text, values } = await listedIds(manager, accountId, filter, page);
      return readKeys(selectKeys(manager).where(`key.id IN (${text})`).setParameters(values));
    });
    return { keys: keys.slice(0, page.limit), hasMore: keys.length > page.limit, now: now ?? (await this.now()) };
  }

  change(
    accountId: string,
    keyId: string,
    plan: (former: Key) => KeyChanges,
    by: Attribution,
    offer?: number,
  ): Promise<ChangedKey | null> {
    return this.#changing(accountId, keyId, async (manager) => {
      const former = await lockKey(manager, accountId, keyId);
      if (former === null) return null;
      if (former.revokedAt !== null) throw new ConflictError('The key is revoked, which is final.');
      const changes = plan(former);
      const limitsVersion = changes.rateLimits === undefined && changes.quota === undefined ? null : randomUUID();
      const columns = columnsOf(changes, former, limitsVersion);
      if (Object.keys(columns).length > 0) await manager.update(KeyEntity, { id: keyId }, columns);
      const { quota = former.quota } = changes; // what requests take meanwhile is no change of an administrator's
      const key = { ...((await selectKey(manager, accountId, keyId)) ?? missingRow()), quota };
      const { before, after } = changeOf(auditedKey(former), auditedKey(key));
      await putDown(manager, deedOn('key.updated', key, before, after), by);
      await assertOffered(manager, accountId, offer);
      if (changes.quota !== undefined) await setCredits(manager, keyId, changes.quota, limitsVersion);
      else if (limitsVersion !== null) await setVersion(manager, keyId, limitsVersion);
      return noted(manager, key);
    });
  }

  rotate(accountId: string, keyId: string, rotation: Rotation, by: Attribution, offer?: number): Promise<RotatedKey | null> {
    return this.#changing(accountId, keyId, (manager) => rotateKey(manager, { accountId, keyId }, rotation, by, offer));
  }

  endSecret(accountId: string, keyId: string, secretId: string, by: Attribution): Promise<ChangedKey | null> {
    return this.#changing(accountId, keyId, (manager) => endSecret(manager, { accountId, keyId }, secretId, by));
  }

  revoke(accountId: string, keyId: string, revocation: Revocation, by: Attribution): Promise<ChangedKey | null> {
    return this.#changing(accountId, keyId, async (manager) => {
      const judged = await judgedToRevoke(manager, { accountId, id: keyId }, by);
      const key = await revokeOnce(manager, accountId, keyId, revocation, judged);
      return key === null ? null : noted(manager, key);
    });
  }

  matching(accountId: string, filter: KeyFilter): Promise<MatchingKeys> {
    return this.database.transaction((manager) => matchingKeys(manager, accountId, filter));
  }

  revokeMatching(
    accountId: string,
    filter: KeyFilter,
    revocation: Revocation,
    assertMay: (mintmarkScopes: readonly string[]) => void,
    by: Attribution,
  ): Promise<RevokedKeys> {
    return this.database.transaction((manager) => revokeMatchingKeys(manager, { accountId, filter }, revocation, assertMay, by));
  }

  revokeLeaked(accountId: string, keyId: string, { secretId, places }: Leak, by: Attribution): Promise<ChangedKey | null> {
    return this.#changing(accountId, keyId, async (manager) => {
      const former = await lockKey(manager, accountId, keyId);
      if (former === null) return null;
      const secrets = await lockSecrets(manager, keyId);
      const isAccepted = secrets.some(({ id, live }) => live && id === secretId);
      if (former.revokedAt !== null || !isAccepted) return noted(manager, former);
      const key = (await revokeOnce(manager, accountId, keyId, LEAKED, by)) ?? missingRow();
      await putDown(manager, deedOn('key.leaked', key, null, { secretId, places }), by);
      return noted(manager, key);
    });
  }

  delete(
    accountId: string,
    keyId: string,
    revocation: Revocation,
    assertMay: (key: Key) => void,
    by: Attribution,
    offer?: number,
  ): Promise<ChangedKey | null> {
    return this.#changing(accountId, keyId, async (manager) => {
      const former = await lockKey(manager, accountId, keyId);
      if (former === null) return null;
      const judged = await judgedBefore(manager, doingTo(former), by);
      assertMay(former);
      await lockSecrets(manager, keyId);
      const key = (await revokeOnce(manager, accountId, keyId, revocation, judged)) ?? missingRow();
      await putDown(manager, deedOn('key.deleted', key, null, null), judged);
      await manager.delete(KeyEntity, { id: keyId }); // last: whoever counts uses of many accounts' keys waits for a row that goes
      await assertOffered(manager, accountId, offer);
      return noted(manager, key);
    });
  }

  eraseDeleted(accountId: string, keyId: string): Promise<void> {
    return eraseDeletedKey(this.database, accountId, keyId);
  }

  lastChange(accountId: string, keyId: string): Promise<CommittedChange | null> {
    return this.database.run((manager) => lastChangeOf(manager, accountId, keyId));
  }

  async now(): Promise<Date> {
    const [row] = await this.database.prepared<{ now: Date }>(NOW);
    return row?.now ?? missingRow();
  }

  #changing<Result>(accountId: string, keyId: string, work: (manager: EntityManager) => Promise<Result>): Promise<Result> {
    return this.#turns.take(`${accountId} ${keyId}`, () => this.database.transaction(work));
  }
}

/** In one statement, so that of two revocations at once the first one stays. Null: no such key. */
async function revokeOnce(
  manager: EntityManager,
  accountId: string,
  keyId: string,
  { reason, description }: Revocation,
  by: Attribution,
): Promise<Key | null> {
  const { affected } = await manager.update(
    KeyEntity,
    { accountId, id: keyId, revokedAt: IsNull() },
    { revokedAt: () => 'clock_timestamp()', revocationReason: reason, revocationDescription: description },
  );
  const key = await selectKey(manager, accountId, keyId);
  if (key === null || affected === 0) return key;
  const { revokedAt, revocationReason, revocationDescription } = key;
  const unrevoked = { revokedAt: null, revocationReason: null, revocationDescription: null };
  const { before, after } = changeOf(unrevoked, { revokedAt, revocationReason, revocationDescription });
  await putDown(manager, deedOn('key.revoked', key, before, after), by);
  return key;
}

/** Of a key that revokes itself, which is held first. One that is revoked by then stays so, and nothing is put down. */
async function judgedToRevoke(manager: EntityManager, key: Pick<Key, 'accountId' | 'id'>, by: Attribution): Promise<Attribution> {
  if (!hangsOn(by.standing, doingTo(key).target)) return by;
  const former = await lockKey(manager, key.accountId, key.id);
  return former === null || former.revokedAt !== null ? by : judgedBefore(manager, doingTo(key), by);
}

function deedOn(action: AuditAction, key: Key, before: AuditedState | null, after: AuditedState | null): Deed {
  return { ...doingTo(key), action, before, after };
}

function doingTo({ accountId, id }: Pick<Key, 'accountId' | 'id'>): Pick<Deed, 'accountId' | 'target'> {
  return { accountId, target: { type: 'key', id } };
}

/** As the last step of a transaction. */
async function noted(manager: EntityManager, key: Key): Promise<ChangedKey> {
  return { key, change: await noteChange(manager, scopeOf(key)) };
}

function scopeOf({ id, accountId }: Key): ChangeScope {
  return { kind: 'key', accountId, keyId: id };
}

function missingRow(): never {
  throw new StoreError('a statement that always answers with a row answered with none');
}
