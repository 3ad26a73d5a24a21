import { type Quota, refilled } from '#libs/key-domain';
import type { EntityManager } from 'typeorm';
import type { KeyEntity } from '../schema/entities/key.entity.js';

const SET_CREDITS = `
  INSERT INTO limit_counters AS c (key_id, credits, counted_at)
  VALUES ($1, $2, date_trunc('milliseconds', clock_timestamp()))
  ON CONFLICT (key_id) DO UPDATE SET credits = excluded.credits, counted_at = excluded.counted_at, exhausted_at = NULL`;

const COUNT_NO_CREDITS = 'UPDATE limit_counters SET credits = NULL, exhausted_at = NULL WHERE key_id = $1';

/** The quota of a stored key at a time. */
export function quotaOf({ limits, counter }: Pick<KeyEntity, 'limits' | 'counter'>, now: Date): Quota | null {
  const quota = limits?.quota ?? null;
  if (quota === null || counter === null || counter.credits === null) return null;
  const { refill } = quota;
  return { remaining: refilled(Number(counter.credits), counter.countedAt.getTime(), refill, now.getTime()), refill };
}

/**
 * Sets the credits of a key, whatever was left of them; null: it has no quota any more. Verifiers lock what is written here at every
 * request: of a key that anybody can know of yet, it is written when nothing but the journal is left to wait for.
 */
export async function setCredits(manager: EntityManager, keyId: string, quota: Quota | null): Promise<void> {
  if (quota === null) await manager.query(COUNT_NO_CREDITS, [keyId]);
  else await manager.query(SET_CREDITS, [keyId, quota.remaining]);
}
