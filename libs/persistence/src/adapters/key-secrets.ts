import type { AuditedState } from '#libs/key-domain';
import type { EntityManager } from 'typeorm';

/**
 * In the order of ids, as whoever records uses locks them: two that took them in other orders could lock each other out.
 * The key's row is locked before.
 */
const LOCK_SECRETS = `
  WITH moment AS MATERIALIZED (SELECT clock_timestamp() AS now)
  SELECT s.id, s.ends_at AS "endsAt", extract(epoch FROM s.created_at)::float8 AS created, moment.now AS now,
         s.revoked_at IS NULL AND (s.ends_at IS NULL OR s.ends_at > moment.now) AS live
  FROM secrets s CROSS JOIN moment WHERE s.key_id = $1 ORDER BY s.id FOR NO KEY UPDATE OF s`;

/** Revoked as well as at its end: a clock that is set back makes nothing of it valid again. */
const END_SECRETS = `
  UPDATE secrets SET ends_at = least(ends_at, clock_timestamp()), revoked_at = coalesce(revoked_at, clock_timestamp())
  WHERE id = ANY ($1)`;

const LET_SECRET_END = `
  UPDATE secrets s SET ends_at = least(s.ends_at, k.expires_at, clock_timestamp() + $2 * interval '1 second')
  FROM keys k WHERE k.id = s.key_id AND s.id = $1`;

const FORGET_SECRETS = 'DELETE FROM secrets WHERE id = ANY ($1)';

interface SecretRow {
  readonly id: string;
  readonly endsAt: Date | null;
  /** Seconds since the Unix epoch, to the microsecond. */
  readonly created: number;
  /** The server's clock, the same in every row. */
  readonly now: Date;
  /** Neither revoked nor past its end. */
  readonly live: boolean;
}

/** The secrets of a locked key, newest first, locked in turn until the transaction ends. */
export async function lockSecrets(manager: EntityManager, keyId: string): Promise<readonly SecretRow[]> {
  const rows = await manager.query<SecretRow[]>(LOCK_SECRETS, [keyId]);
  return rows.toReversed().sort((one, other) => other.created - one.created);
}

/** Ends secrets now. */
export async function endSecrets(manager: EntityManager, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await manager.query(END_SECRETS, [ids]);
}

/** Ends a secret after so many seconds, and no later than its key. */
export async function letSecretEnd(manager: EntityManager, id: string, graceSeconds: number): Promise<void> {
  await manager.query(LET_SECRET_END, [id, graceSeconds]);
}

export async function forgetSecrets(manager: EntityManager, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await manager.query(FORGET_SECRETS, [ids]);
}

/** What the record tells of secrets: which there are, and when they end. */
export function auditedSecrets(secrets: readonly { readonly id: string; readonly endsAt: Date | null }[]): AuditedState {
  return { secrets: secrets.map(({ id, endsAt }) => ({ id, endsAt })) };
}
