import {
  type CountedUse,
  type KeyLimits,
  type LimitLedger,
  NO_LIMITS,
  takeFrom,
  type Taken,
  type Taking,
} from '#libs/key-domain';
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database } from '../connection/database.js';

/** A row that somebody holds for longer is a fault: its key's requests are told to try again, and hold up no others. */
const LOCK_LIMIT = '500ms';

const COUNTING_SETTINGS = `set_config('synchronous_commit', 'off', true), set_config('lock_timeout', '${LOCK_LIMIT}', true)`;

/** Whole ones: a time that was stored is read as the same. */
const milliseconds = (time: string) => `round(extract(epoch FROM ${time}) * 1000)::float8`;

/**
 * Locks what was counted of keys, in the order of their ids: two verifiers with the same keys in hand don't lock each other
 * out. What a transaction takes need not outlive the crash of the server, which would cost each of them a wait for the disk:
 * others see it as soon as it is committed, and all that was committed in the last moments is lost together.
 */
const LOCK_COUNTERS = `
  WITH settings AS MATERIALIZED (
    SELECT ${COUNTING_SETTINGS}
  )
  SELECT c.key_id AS "keyId", c.credits::float8 AS credits, ${milliseconds('c.counted_at')} AS "countedAt",
    c.windows, ${milliseconds('c.exhausted_at')} AS "exhaustedAt", c.limits_version AS "limitsVersion",
    ${milliseconds('clock_timestamp()')} AS now
  FROM settings CROSS JOIN limit_counters c WHERE c.key_id = ANY ($1)
  ORDER BY c.key_id FOR NO KEY UPDATE OF c`;

/** With their counters in hand, nobody changes these. */
const PRESENT_LIMITS = 'SELECT id AS "keyId", limits FROM keys WHERE id = ANY ($1)';

/** For this transaction alone. */
const COUNT_BRIEFLY = `SELECT ${COUNTING_SETTINGS}`;

/** Keys that are being deleted are none. */
const BEGIN_COUNTING = `
  INSERT INTO limit_counters (key_id)
  SELECT k.id FROM (SELECT id FROM keys WHERE id = ANY ($1) ORDER BY id FOR KEY SHARE) k
  ON CONFLICT DO NOTHING`;

const STORE = `
  UPDATE limit_counters c SET
    credits = used.credits, counted_at = to_timestamp(used.counted_at / 1000), windows = used.windows,
    exhausted_at = to_timestamp(used.exhausted_at / 1000),
    exhaustion_told = c.exhaustion_told AND NOT used.exhausted_anew
  FROM unnest($1::text[], $2::bigint[], $3::float8[], $4::jsonb[], $5::float8[], $6::boolean[])
    AS used (key_id, credits, counted_at, windows, exhausted_at, exhausted_anew)
  WHERE c.key_id = used.key_id`;

interface StoredUse extends CountedUse {
  readonly keyId: string;
  readonly limitsVersion: string | null;
  readonly now: number;
}

interface Takings {
  readonly taken: readonly (Taken | null)[];
  readonly isWhole: boolean;
}

@Injectable()
export class PostgresLimitLedger implements LimitLedger {
  constructor(private readonly database: Database) {}

  async take(takings: readonly Taking[]): Promise<readonly (Taken | null)[]> {
    const keyIds = [...new Set(takings.map(({ keyId }) => keyId))];
    const { taken, isWhole } = await this.#take(takings, keyIds, false);
    if (isWhole) return taken;
    await this.#beginCounting(keyIds);
    return (await this.#take(takings, keyIds, true)).taken;
  }

  /**
   * @param evenPartly whether keys that nothing is counted of are gone; if not, nothing is taken where there are any
   * @returns and whether all keys are counted
   */
  #take(takings: readonly Taking[], keyIds: readonly string[], evenPartly: boolean): Promise<Takings> {
    return this.database.transaction(async (manager) => {
      const rows = await manager.query<StoredUse[]>(LOCK_COUNTERS, [keyIds]);
      const stored = new Map(rows.map((row) => [row.keyId, row]));
      const isWhole = stored.size === keyIds.length;
      if (!isWhole && !evenPartly) return { taken: [], isWhole };
      const used = new Map<string, CountedUse>(stored);
      const changedLimits = await presentLimits(manager, takings, stored);
      const taken = takings.map((taking) => takeOne(taking, stored, used, changedLimits));
      const changed = [...stored].filter(([keyId, former]) => used.get(keyId) !== former);
      if (changed.length > 0) await store(manager, changed, used);
      return { taken, isWhole };
    });
  }

  /** In a transaction of its own: with counters in hand, it would take those that are new out of the order of the ids. */
  #beginCounting(keyIds: readonly string[]): Promise<void> {
    return this.database.transaction(async (manager) => {
      await manager.query(COUNT_BRIEFLY);
      await manager.query(BEGIN_COUNTING, [keyIds]);
    });
  }
}

/** Those of keys whose limits were changed since a request came. */
async function presentLimits(
  manager: EntityManager,
  takings: readonly Taking[],
  stored: ReadonlyMap<string, StoredUse>,
): Promise<ReadonlyMap<string, KeyLimits>> {
  const outdated = takings.filter(({ keyId, limits }) => {
    const counted = stored.get(keyId);
    return counted !== undefined && counted.limitsVersion !== (limits.version ?? null);
  });
  if (outdated.length === 0) return new Map();
  const keyIds = [...new Set(outdated.map(({ keyId }) => keyId))];
  const keys = await manager.query<{ keyId: string; limits: KeyLimits | null }[]>(PRESENT_LIMITS, [keyIds]);
  return new Map(keys.map(({ keyId, limits }) => [keyId, limits ?? NO_LIMITS]));
}

function takeOne(
  taking: Taking,
  stored: ReadonlyMap<string, StoredUse>,
  used: Map<string, CountedUse>,
  changedLimits: ReadonlyMap<string, KeyLimits>,
): Taken | null {
  const { now } = stored.get(taking.keyId) ?? {};
  const former = used.get(taking.keyId);
  if (now === undefined || former === undefined) return null;
  const { use, taken } = takeFrom(former, { ...taking, limits: changedLimits.get(taking.keyId) ?? taking.limits }, now);
  used.set(taking.keyId, use);
  return taken;
}

async function store(
  manager: EntityManager,
  changed: readonly (readonly [string, StoredUse])[],
  used: ReadonlyMap<string, CountedUse>,
): Promise<void> {
  const rows = changed.map(([keyId, former]) => ({ keyId, former, use: used.get(keyId) ?? former }));
  await manager.query(STORE, [
    rows.map(({ keyId }) => keyId),
    rows.map(({ use }) => use.credits),
    rows.map(({ use }) => use.countedAt),
    rows.map(({ use }) => JSON.stringify(use.windows)),
    rows.map(({ use }) => use.exhaustedAt),
    rows.map(({ use, former }) => use.exhaustedAt !== former.exhaustedAt),
  ]);
}
