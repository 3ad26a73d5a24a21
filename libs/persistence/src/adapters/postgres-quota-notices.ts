import { idsAtOnce, nextRefill, type QuotaNotices, type Refill, refilled } from '#libs/key-domain';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database } from '../connection/database.js';
import { isSubscribed, tellOfEach } from './events-of-keys.js';

const EVENT = 'key.quota_exhausted';
const UNTOLD = 'c.exhausted_at IS NOT NULL AND NOT c.exhaustion_told';

const NEXT_ACCOUNT = `
  SELECT k.account_id AS "accountId" FROM limit_counters c JOIN keys k ON k.id = c.key_id
  WHERE ${UNTOLD} AND k.account_id <> ALL ($1::text[]) ORDER BY c.exhausted_at LIMIT 1`;

/** Waits for whoever is deleting one or switching it off, and for as long as they wait, and they for it: no counter is locked yet. */
const LOCK_WEBHOOKS = `SELECT w.id FROM webhooks w WHERE w.account_id = $1 AND ${isSubscribed(EVENT)} FOR SHARE OF w`;

/** Of whoever waits for a key that is verified all the time; they hold no other. */
const LOCK_LIMIT = '500ms';

/** From here to the commit the verifications of these keys wait, so that nothing else is waited for. */
const lockExhausted = (whereLocked: 'SKIP LOCKED' | '') => `
  WITH settings AS MATERIALIZED (SELECT set_config('lock_timeout', '${LOCK_LIMIT}', true))
  SELECT c.key_id AS "keyId", c.credits::float8 AS credits, c.counted_at AS "countedAt", c.exhausted_at AS "exhaustedAt",
    k.limits -> 'quota' -> 'refill' AS refill, clock_timestamp() AS now
  FROM settings CROSS JOIN limit_counters c JOIN keys k ON k.id = c.key_id
  WHERE ${UNTOLD} AND k.account_id = $1
  ORDER BY c.exhausted_at LIMIT $2 FOR NO KEY UPDATE OF c ${whereLocked}`;

const TELL = `
  WITH subscribed AS MATERIALIZED (
    SELECT w.id FROM webhooks w WHERE w.id = ANY ($1::text[]) AND ${isSubscribed(EVENT)}
  ), noted AS (
    UPDATE limit_counters SET exhaustion_told = true WHERE key_id = ANY ($2::text[])
  )
  ${tellOfEach({
    event: EVENT,
    ids: '$6::text',
    at: 'exhausted.at',
    details: `jsonb_build_object('quota', exhausted.quota)`,
    keys: `unnest($3::text[], $4::timestamptz[], $5::jsonb[]) AS exhausted (key_id, at, quota) JOIN keys key ON key.id = exhausted.key_id
      WHERE key.revoked_at IS NULL`,
  })}`;

interface Exhausted {
  readonly keyId: string;
  /** At `countedAt`. */
  readonly credits: number;
  readonly countedAt: Date;
  readonly exhaustedAt: Date;
  readonly refill: Refill | null;
  readonly now: Date;
}

@Injectable()
export class PostgresQuotaNotices implements QuotaNotices {
  constructor(private readonly database: Database) {}

  async accountToTell(passedOver: readonly string[]): Promise<string | null> {
    const [row] = await this.database.run((manager) => manager.query<{ accountId: string }[]>(NEXT_ACCOUNT, [passedOver]));
    return row?.accountId ?? null;
  }

  tell(accountId: string, most: number): Promise<number> {
    return this.database.transaction(async (manager) => {
      const webhooks = await manager.query<{ id: string }[]>(LOCK_WEBHOOKS, [accountId]);
      const keys = await lockSome(manager, accountId, most);
      if (keys.length === 0) return 0;
      const told = keys.filter(isExhausted);
      await manager.query(TELL, [
        webhooks.map(({ id }) => id),
        keys.map(({ keyId }) => keyId),
        told.map(({ keyId }) => keyId),
        told.map(({ exhaustedAt }) => exhaustedAt),
        told.map((key) => JSON.stringify(quotaOf(key))),
        idsAtOnce('msg'),
      ]);
      return keys.length;
    });
  }
}

/** Those that nobody else has in hand; where that is none, the one that waits longest: it may be verified without a pause. */
async function lockSome(manager: EntityManager, accountId: string, most: number): Promise<readonly Exhausted[]> {
  const free = await manager.query<Exhausted[]>(lockExhausted('SKIP LOCKED'), [accountId, most]);
  return free.length > 0 ? free : manager.query<Exhausted[]>(lockExhausted(''), [accountId, 1]);
}

/** A refill is written down by the next request alone. */
function isExhausted({ credits, countedAt, refill, now }: Exhausted): boolean {
  return refilled(credits, countedAt.getTime(), refill, now.getTime()) === credits;
}

/** What was left when it was not enough, and when there will be more; null: never, unless somebody sets it. */
function quotaOf({ credits, exhaustedAt, refill }: Exhausted) {
  const refillsAt = refill === null ? null : new Date(nextRefill(exhaustedAt.getTime(), refill.interval));
  return { remaining: credits, refillsAt };
}
