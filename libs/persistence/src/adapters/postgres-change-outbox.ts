import type { ChangeOutbox, ChangeScope, CommittedChange } from '#libs/key-domain';
import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

const UNPUBLISHED = {
  name: 'unpublished_changes',
  text: `
    SELECT place::float8 AS place, kind, account_id, key_id, handles FROM changes
    WHERE NOT published AND committed_at <= clock_timestamp() - $1 * interval '1 millisecond'
    ORDER BY place LIMIT $2`,
};

const MARK_PUBLISHED = {
  name: 'mark_changes_published',
  text: `
    WITH durability AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true))
    UPDATE changes SET published = true FROM durability WHERE place = ANY ($1::bigint[]) AND NOT published`,
};

/** How many changes one statement forgets at most: none holds its locks for long. */
const TRIMMED_AT_ONCE = 1_000;

/** Goes by the order of places, so that it reads no more than it deletes, or one lot where nothing is old. */
const TRIM = {
  name: 'trim_changes',
  text: `
    WITH oldest AS (
      SELECT place, published, committed_at FROM changes ORDER BY place LIMIT ${TRIMMED_AT_ONCE}
    ), kept AS (
      SELECT min(place) AS first FROM oldest
      WHERE committed_at > clock_timestamp() - $1 * interval '1 millisecond' OR NOT (published OR $2)
    )
    DELETE FROM changes USING kept
    WHERE place IN (SELECT place FROM oldest) AND (kept.first IS NULL OR place < kept.first)
      AND place < (SELECT max(place) FROM changes)
    RETURNING place`,
};

interface ChangeRow {
  readonly place: number;
  readonly kind: ChangeScope['kind'];
  readonly account_id: string;
  readonly key_id: string;
  readonly handles: readonly string[];
}

@Injectable()
export class PostgresChangeOutbox implements ChangeOutbox {
  constructor(private readonly database: Database) {}

  async unpublished(afterMs: number, most: number): Promise<readonly CommittedChange[]> {
    return (await this.database.prepared<ChangeRow>(UNPUBLISHED, [afterMs, most])).map(committedChange);
  }

  async markPublished(places: readonly number[]): Promise<void> {
    await this.database.prepared(MARK_PUBLISHED, [places]);
  }

  async trim(afterMs: number, all: boolean): Promise<number> {
    return (await this.database.prepared(TRIM, [afterMs, all])).length;
  }
}

function committedChange({ place, kind, account_id: accountId, key_id: keyId, handles }: ChangeRow): CommittedChange {
  if (kind === 'all') return { place, scope: { kind }, handles };
  if (kind === 'account') return { place, scope: { kind, accountId }, handles };
  return { place, scope: { kind, accountId, keyId }, handles };
}
