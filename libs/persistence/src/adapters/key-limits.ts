import { type Quota, refilled } from '#libs/key-domain';
import type { EntityManager } from 'typeorm';
import type { KeyEntity } from '../schema/entities/key.entity.js';

const SET_CREDITS = `
  INSERT INTO limit_counters AS c (key_id, credits, counted_at, limits_version)
  VALUES ($1, $2, date_trunc('milliseconds', clock_timestamp()), $3)
  ON CONFLICT (key_id) DO UPDATE SET
    credits = excluded.credits, counted_at = excluded.counted_at, exhausted_at = NULL, limits_version = excluded.limits_version`;

const SET_VERSION = `
  INSERT INTO limit_counters (key_id, limits_version) VALUES ($1, $2)
  ON CONFLICT (key_id) DO UPDATE SET limits_version = excluded.limits_version`;

/** The quota of a stored key at a time. */
export function quotaOf({ limits, counter }: Pick<KeyEntity, 'limits' | 'counter'>, now: Date): Quota | null {
  const quota = limits?.quota ?? null;
  if (quota === null || counter === null || counter.credits === null) return null;
  const { refill } = quota;
  return { remaining: refilled(Number(counter.credits), counter.countedAt.getTime(), refill, now.getTime()), refill };
}

/**
 * Sets the credits of a key, whatever was left of them; null: it has no quota. Verifiers lock what is written here at every
 * request: of a key that anybody can know of yet, it is written when nothing but the journal is left to wait for.
 * @param version of its limits; null: it is made with them
 */
export async function setCredits(
  manager: EntityManager,
  keyId: string,
  quota: Quota | null,
  version: string | null = null,
): Promise<void> {
  await manager.query(SET_CREDITS, [keyId, quota?.remaining ?? null, version]);
}

/** Has requests that came before its limits were changed find that they were; the credits stay. When: as with {@link setCredits}. */
export async function setVersion(manager: EntityManager, keyId: string, version: string): Promise<void> {
  await manager.query(SET_VERSION, [keyId, version]);
}
