import type { PepperedDigest, SecretUpkeep, SecretUse } from '#libs/key-domain';
import { Injectable } from '@nestjs/common';
import { Database } from '../connection/database.js';

/** Rows are locked in the order of their ids, so that verifiers with the same secrets in hand can't lock each other out. */
const RECORD_USES = {
  name: 'record_uses',
  text: `
    WITH latest AS (
      SELECT secret_id, max(at) AS at FROM unnest($1::text[], $2::timestamptz[]) AS use (secret_id, at) GROUP BY secret_id
    ), locked AS (
      SELECT s.id, latest.at FROM secrets s JOIN latest ON latest.secret_id = s.id
      WHERE s.last_used_at IS NULL OR s.last_used_at < latest.at
      ORDER BY s.id FOR NO KEY UPDATE OF s
    )
    UPDATE secrets SET
      last_used_at = greatest(secrets.last_used_at, locked.at),
      used_day = (greatest(secrets.last_used_at, locked.at) AT TIME ZONE 'UTC')::date
    FROM locked WHERE secrets.id = locked.id`,
};

const MOVE_DIGEST = {
  name: 'move_digest',
  text: 'UPDATE secrets SET digest = $4, pepper_id = $5 WHERE id = $1 AND digest = $2 AND pepper_id = $3',
};

@Injectable()
export class PostgresSecretUpkeep implements SecretUpkeep {
  constructor(private readonly database: Database) {}

  async recordUses(uses: readonly SecretUse[]): Promise<void> {
    await this.database.prepared(RECORD_USES, [uses.map((use) => use.secretId), uses.map((use) => use.at)]);
  }

  async moveDigest(secretId: string, from: PepperedDigest, to: PepperedDigest): Promise<void> {
    await this.database.prepared(MOVE_DIGEST, [secretId, from.digest, from.pepperId, to.digest, to.pepperId]);
  }
}
