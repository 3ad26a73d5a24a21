import {
  ATTEMPT_LIMIT_SECONDS,
  type AuditTarget,
  type BegunRequest,
  IDEMPOTENCY_HOURS,
  type IdempotencyStore,
  type IdempotentRequest,
} from '#libs/key-domain';
import { Injectable } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import { Database } from '../connection/database.js';

const OUTLIVED = `created_at <= clock_timestamp() - interval '${IDEMPOTENCY_HOURS} hours'`;
const OF_REQUEST = 'account_id = $1 AND actor_type = $2 AND actor_id = $3 AND key = $4';
const ENDED = `(record.begun_at IS NULL OR record.begun_at <= clock_timestamp() - interval '${ATTEMPT_LIMIT_SECONDS} seconds')`;

/** Whether a record that is there stands in nobody's way. */
const IS_FREE = `(record.${OUTLIVED} OR (
  record.fingerprint = ANY ($5::bytea[]) AND record.status IS NULL AND ${ENDED} AND (record.target_id IS NULL OR $6)))`;

const FIND = {
  name: 'find_idempotency_record',
  text: `
    SELECT ${IS_FREE} AS free, record.fingerprint = ANY ($5::bytea[]) AS same, ${ENDED} AS ended, status, answer,
           target_type AS "targetType", target_id AS "targetId"
    FROM idempotency_records record WHERE ${OF_REQUEST}`,
};

/** Each claim takes some of the records out that have had their time: nobody else has to. */
const CLAIM = {
  name: 'claim_idempotency_record',
  text: `
    WITH outlived AS (
      DELETE FROM idempotency_records WHERE attempt = ANY (ARRAY(
        SELECT attempt FROM idempotency_records WHERE ${OUTLIVED} AND NOT (${OF_REQUEST})
        ORDER BY created_at LIMIT 10 FOR UPDATE SKIP LOCKED))
    )
    INSERT INTO idempotency_records AS record (account_id, actor_type, actor_id, key, fingerprint, attempt)
    VALUES ($1, $2, $3, $4, ($5::bytea[])[1], $7)
    ON CONFLICT (account_id, actor_type, actor_id, key) DO UPDATE SET
      fingerprint = excluded.fingerprint, attempt = excluded.attempt,
      created_at = excluded.created_at, begun_at = excluded.begun_at,
      target_type = NULL, target_id = NULL, status = NULL, answer = NULL
    WHERE ${IS_FREE}
    RETURNING attempt`,
};

const RENEW = {
  name: 'renew_idempotency_record',
  text: 'UPDATE idempotency_records SET begun_at = clock_timestamp() WHERE attempt = $1 AND begun_at IS NOT NULL',
};

const END = {
  name: 'end_idempotency_record',
  text: 'UPDATE idempotency_records SET status = $2, answer = $3, begun_at = NULL WHERE attempt = $1',
};

const ABANDON = {
  name: 'abandon_idempotency_record',
  text: `
    WITH forgotten AS (DELETE FROM idempotency_records WHERE attempt = $1 AND target_id IS NULL)
    UPDATE idempotency_records SET begun_at = NULL WHERE attempt = $1 AND target_id IS NOT NULL`,
};

interface RecordRow {
  readonly free: boolean;
  readonly same: boolean;
  readonly ended: boolean;
  readonly status: number | null;
  readonly answer: string | null;
  readonly targetType: AuditTarget['type'] | null;
  readonly targetId: string | null;
}

@Injectable()
export class PostgresIdempotencyStore implements IdempotencyStore {
  constructor(private readonly database: Database) {}

  /** Looks first and claims then: whoever only waits for another attempt locks nothing that it may need. */
  async begin({ accountId, actor, key, fingerprints, repeatable }: IdempotentRequest): Promise<BegunRequest> {
    const values = [accountId, actor.type, actor.id, key, fingerprints.map((bytes) => Buffer.from(bytes)), repeatable];
    for (;;) {
      const [record] = await this.database.prepared<RecordRow>(FIND, values);
      if (record !== undefined && !record.free) return standOf(record);
      const attempt = randomUUID();
      if ((await this.database.prepared(CLAIM, [...values, attempt])).length > 0) return { kind: 'begun', attempt };
    }
  }

  async renew(attempt: string): Promise<void> {
    await this.database.prepared(RENEW, [attempt]);
  }

  async end(attempt: string, { status, body }: { readonly status: number; readonly body: string | null }): Promise<void> {
    await this.database.prepared(END, [attempt, status, body]);
  }

  async abandon(attempt: string): Promise<void> {
    await this.database.prepared(ABANDON, [attempt]);
  }
}

function standOf({ same, ended, status, answer, targetType, targetId }: RecordRow): BegunRequest {
  if (!same) return { kind: 'other_request' };
  if (status !== null && answer !== null) return { kind: 'answered', answer: { status, body: answer } };
  if (status === null && !ended) return { kind: 'running' };
  return { kind: 'done', target: targetType === null || targetId === null ? null : { type: targetType, id: targetId } };
}
