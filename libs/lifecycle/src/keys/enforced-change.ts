import { type Enforced, type Enforcement, type Key, NotFoundError } from '#libs/key-domain';
import { NO_SUCH_KEY } from './key-directory.js';

/** A key as it is after a change, and how that change came into force. */
export interface EnforcedChange {
  readonly key: Key;
  readonly enforced: Enforced;
}

/**
 * Waits until a committed change of a key is in force.
 * @param key as the change left it; null: there was none
 * @throws NotFoundError
 * @throws EnforcementUnconfirmedError
 */
export async function enforcedChange(enforcement: Enforcement, key: Key | null): Promise<EnforcedChange> {
  if (key === null) throw new NotFoundError(NO_SUCH_KEY);
  const enforced = await enforcement.enforce({ kind: 'key', accountId: key.accountId, keyId: key.id });
  return { key, enforced };
}
