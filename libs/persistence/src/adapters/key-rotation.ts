import {
  type Attribution,
  type ChangedKey,
  type CommittedChange,
  ConflictError,
  type Key,
  KEPT_SECRETS,
  keyStatus,
  lookupHandle,
  type RotatedKey,
  type Rotation,
} from '#libs/key-domain';
import type { EntityManager } from 'typeorm';
import { StoreError } from '../connection/store-error.js';
import { SecretEntity } from '../schema/entities/secret.entity.js';
import { putDown } from './audit-trail.js';
import { noteChange } from './change-journal.js';
import { auditedSecrets, endSecrets, forgetSecrets, letSecretEnd, lockSecrets } from './key-secrets.js';
import { assertOffered } from './offer-version.js';
import { judgedBefore } from './standing.js';
import { lockKey, selectKey } from './stored-key.js';
import { utcDay } from './utc-day.js';

interface KeyName {
  readonly accountId: string;
  readonly keyId: string;
}

/** Gives a key another secret, as the port has it. */
export async function rotateKey(
  manager: EntityManager,
  name: KeyName,
  { secret, graceSeconds, assertMay }: Rotation,
  by: Attribution,
  offer?: number,
): Promise<RotatedKey | null> {
  const former = await lockKey(manager, name.accountId, name.keyId);
  if (former === null) return null;
  const target = { type: 'key', id: name.keyId } as const;
  const judged = await judgedBefore(manager, { accountId: name.accountId, target }, by);
  assertMay(former);
  const secrets = await lockSecrets(manager, name.keyId);
  const live = secrets.filter((one) => one.live);
  const previous = live[0] ?? secrets[0] ?? noSecret();
  assertLives(former, previous.now);

  const older = live.slice(1).map(({ id }) => id);
  if (graceSeconds > 0 && previous.live) await letSecretEnd(manager, previous.id, graceSeconds);
  await endSecrets(manager, graceSeconds > 0 || !previous.live ? older : [previous.id, ...older]);
  const { accountId, keyId } = name;
  const silent = { usedDay: utcDay(former.createdAt), keyMadeAt: former.createdAt };
  await manager.update(SecretEntity, { keyId, newest: true }, { newest: false });
  await manager.insert(SecretEntity, { id: secret.id, accountId, keyId, lastFour: secret.lastFour, ...secret.digest, ...silent });
  const ended = secrets.filter((one) => one !== previous && !live.includes(one));
  await forgetSecrets(
    manager,
    ended.slice(Math.max(0, KEPT_SECRETS - 2 - older.length)).map(({ id }) => id),
  );

  const key = await keyAsItIs(manager, name);
  const touched = [secret.id, previous.id, ...older];
  const after = auditedSecrets(key.secrets.filter(({ id }) => touched.includes(id)));
  await putDown(manager, { accountId, action: 'key.rotated', target, before: auditedSecrets(live), after }, judged);
  await assertOffered(manager, accountId, offer);
  const change = await noted(manager, name, [lookupHandle(secret.digest.digest)]);
  const endsAt = key.secrets.find(({ id }) => id === previous.id)?.endsAt ?? previous.now;
  return { key, change, previous: { secretId: previous.id, endsAt } };
}

/** Ends one secret of a key, as the port has it. */
export async function endSecret(
  manager: EntityManager,
  name: KeyName,
  secretId: string,
  by: Attribution,
): Promise<ChangedKey | null> {
  const former = await lockKey(manager, name.accountId, name.keyId);
  if (former === null) return null;
  const secrets = await lockSecrets(manager, name.keyId);
  const ending = secrets.find(({ id }) => id === secretId);
  if (ending === undefined) return null;
  if (!ending.live) return { key: former, change: await noted(manager, name) };
  if (former.revokedAt !== null) throw new ConflictError(REVOKED);
  if (secrets.filter(({ live }) => live).length === 1) throw new ConflictError(ONLY_ONE);

  const target = { type: 'key', id: name.keyId } as const;
  const judged = await judgedBefore(manager, { accountId: name.accountId, target }, by);
  await endSecrets(manager, [secretId]);
  const key = await keyAsItIs(manager, name);
  const [before, after] = [[ending], key.secrets.filter(({ id }) => id === secretId)].map(auditedSecrets);
  const change = { before: before ?? null, after: after ?? null };
  await putDown(manager, { accountId: name.accountId, action: 'key.secret_ended', target, ...change }, judged);
  return { key, change: await noted(manager, name) };
}

const REVOKED = 'The key is revoked, which is final.';
const ONLY_ONE = 'It is the only secret of the key that is accepted. Revoke the key, or rotate it first.';

function assertLives(key: Key, now: Date): void {
  const status = keyStatus(key, now);
  if (status === 'revoked') throw new ConflictError(REVOKED);
  if (status === 'expired') throw new ConflictError('The key has expired. Give it a later expiry first.');
}

async function keyAsItIs(manager: EntityManager, { accountId, keyId }: KeyName): Promise<Key> {
  const key = await selectKey(manager, accountId, keyId);
  if (key === null) throw new StoreError('a locked key is not there');
  return key;
}

/** As the last step of a transaction. */
function noted(manager: EntityManager, { accountId, keyId }: KeyName, handles: readonly string[] = []): Promise<CommittedChange> {
  return noteChange(manager, { kind: 'key', accountId, keyId }, handles);
}

function noSecret(): never {
  throw new StoreError('a key has no secret');
}
