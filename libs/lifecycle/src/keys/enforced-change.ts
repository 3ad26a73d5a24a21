import { type ChangedKey, type Enforced, type Enforcement, type Key, type KeyStore, NotFoundError } from '#libs/key-domain';
import { NO_SUCH_KEY } from './key-directory.js';

/** A key as it is after a change, and how that change came into force. */
export interface EnforcedChange {
  readonly key: Key;
  readonly enforced: Enforced;
}

/**
 * Waits until a committed change of a key is in force.
 * @throws EnforcementUnconfirmedError
 */
export async function enforcedChange(enforcement: Enforcement, { key, change }: ChangedKey): Promise<EnforcedChange> {
  return { key, enforced: await enforcement.enforce(change) };
}

/**
 * Waits until whatever last happened to a key is in force: an answer that it is gone, or revoked, says as much as the
 * answer to the call that did it, which may have been lost, or may be waiting still.
 * @throws EnforcementUnconfirmedError
 */
export async function lastChangeEnforced(
  enforcement: Enforcement,
  keys: KeyStore,
  key: Pick<Key, 'accountId' | 'id'>,
): Promise<void> {
  const change = await keys.lastChange(key.accountId, key.id);
  if (change !== null) await enforcement.enforce(change);
}

/**
 * That an account has no such key, once that is in force.
 * @throws NotFoundError
 * @throws EnforcementUnconfirmedError
 */
export async function noSuchKey(enforcement: Enforcement, keys: KeyStore, key: Pick<Key, 'accountId' | 'id'>): Promise<never> {
  await lastChangeEnforced(enforcement, keys, key);
  throw new NotFoundError(NO_SUCH_KEY);
}
