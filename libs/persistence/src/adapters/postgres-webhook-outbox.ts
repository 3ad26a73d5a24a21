import {
  type AttemptOutcome,
  bySystem,
  type ClaimedDelivery,
  type ClaimLimits,
  type Delivery,
  type DisablingReason,
  type WebhookOutbox,
} from '#libs/key-domain';
import { Injectable } from '@nestjs/common';
import { type EntityManager } from 'typeorm';
import { Database } from '../connection/database.js';
import { WebhookEntity } from '../schema/entities/webhook.entity.js';
import { putDownOff } from './stored-webhook.js';

/** A webhook is switched off when the schedule ended for so many deliveries and none arrived in between. */
const GIVEN_UP_AT_MOST = 5;

/** How many deliveries one statement forgets at most: none holds its locks for long. */
const TRIMMED_AT_ONCE = 1_000;

/**
 * Leaps from one webhook that something waits for to the next, so that a long queue of one is neither read nor keeps others
 * waiting, and an account with many of them is given no more than its part: its nth only while n are free, so that a few accounts
 * leave room to others, however slow their endpoints are. Each that is taken is due again when the lease
 * ends, whatever becomes of whoever took it.
 */
const CLAIM = {
  name: 'claim_webhook_deliveries',
  text: `
    WITH RECURSIVE awaited (webhook_id) AS (
      SELECT min(webhook_id) FROM webhook_deliveries WHERE next_attempt_at IS NOT NULL
      UNION ALL
      SELECT (
        SELECT min(d.webhook_id) FROM webhook_deliveries d
        WHERE d.next_attempt_at IS NOT NULL AND d.webhook_id > awaited.webhook_id
      ) FROM awaited WHERE awaited.webhook_id IS NOT NULL
    ), held AS (
      SELECT w.account_id, count(*) AS count
      FROM unnest($3::text[]) AS busy (id) JOIN webhooks w ON w.id = busy.id GROUP BY w.account_id
    ), found AS MATERIALIZED (
      SELECT candidate.webhook_id, candidate.event_id, w.failing, candidate.next_attempt_at,
        coalesce((SELECT held.count FROM held WHERE held.account_id = w.account_id), 0)
          + row_number() OVER (PARTITION BY w.account_id ORDER BY w.failing, candidate.next_attempt_at) AS place
      FROM awaited JOIN webhooks w ON w.id = awaited.webhook_id AND w.enabled AND w.id <> ALL ($3::text[])
      CROSS JOIN LATERAL (
        SELECT d.webhook_id, d.event_id, d.next_attempt_at FROM webhook_deliveries d
        WHERE d.webhook_id = w.id AND d.next_attempt_at <= clock_timestamp()
        ORDER BY d.next_attempt_at LIMIT CASE WHEN w.failing THEN 1 ELSE $2::int END
        FOR UPDATE SKIP LOCKED
      ) candidate
    ), ranked AS (
      SELECT webhook_id, event_id, place, row_number() OVER (ORDER BY place, failing, next_attempt_at) AS rank
      FROM found WHERE place <= $5
    ), due AS (
      SELECT webhook_id, event_id FROM ranked WHERE place + rank <= $1::int + 1
    )
    UPDATE webhook_deliveries d
    SET attempts = d.attempts + 1, next_attempt_at = clock_timestamp() + $4 * interval '1 millisecond'
    FROM due JOIN webhooks w ON w.id = due.webhook_id
    WHERE d.webhook_id = due.webhook_id AND d.event_id = due.event_id
    RETURNING d.webhook_id, d.event_id, d.type, d.occurred_at, d.data, d.attempts, d.failures, w.url, w.secret, w.pepper_id,
      CASE WHEN w.former_secret_ends_at > clock_timestamp() THEN w.former_secret END AS former_secret, w.former_pepper_id`,
};

/** Only of the claim that stands: another one has a higher number. */
const RECORD = `
  UPDATE webhook_deliveries SET
    status = $4, failures = $5, next_attempt_at = clock_timestamp() + $6::float8 * interval '1 millisecond'
  WHERE webhook_id = $1 AND event_id = $2 AND attempts = $3
  RETURNING event_id`;

const LOG = `
  INSERT INTO webhook_attempts (webhook_id, event_id, number, at, duration_ms, status_code, error, response)
  VALUES ($1, $2, $3, clock_timestamp() - $4 * interval '1 millisecond', $4, $5, $6, $7)`;

const RELEASE = {
  name: 'release_webhook_delivery',
  text: `
    UPDATE webhook_deliveries SET next_attempt_at = clock_timestamp()
    WHERE webhook_id = $1 AND event_id = $2 AND attempts = $3 AND status = 'pending'`,
};

const TRIM = {
  name: 'trim_webhook_deliveries',
  text: `
    DELETE FROM webhook_deliveries WHERE (webhook_id, event_id) IN (
      SELECT webhook_id, event_id FROM webhook_deliveries
      WHERE occurred_at < clock_timestamp() - $1 * interval '1 millisecond' AND next_attempt_at IS NULL
      ORDER BY occurred_at LIMIT ${TRIMMED_AT_ONCE} FOR UPDATE SKIP LOCKED
    ) RETURNING event_id`,
};

interface ClaimedRow {
  readonly webhook_id: string;
  readonly event_id: string;
  readonly type: Delivery['type'];
  readonly occurred_at: Date;
  readonly data: Readonly<Record<string, unknown>>;
  readonly attempts: number;
  readonly failures: number;
  readonly url: string;
  readonly secret: Buffer;
  readonly pepper_id: string;
  readonly former_secret: Buffer | null;
  readonly former_pepper_id: string | null;
}

@Injectable()
export class PostgresWebhookOutbox implements WebhookOutbox {
  constructor(private readonly database: Database) {}

  async claim({ most, mostOfOne, mostOfAccount, busy, leaseMs }: ClaimLimits): Promise<readonly ClaimedDelivery[]> {
    return (await this.database.prepared<ClaimedRow>(CLAIM, [most, mostOfOne, busy, leaseMs, mostOfAccount])).map(toClaimed);
  }

  record(claimed: ClaimedDelivery, outcome: AttemptOutcome): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      const lock = { mode: 'for_no_key_update' } as const;
      const webhook = await manager.findOne(WebhookEntity, { where: { id: claimed.webhookId }, lock });
      if (webhook === null || !(await recordAttempt(manager, claimed, outcome, webhook.enabled))) return false;
      await judge(manager, webhook, outcome);
      return true;
    });
  }

  async release({ webhookId, id, attempt }: ClaimedDelivery): Promise<void> {
    await this.database.prepared(RELEASE, [webhookId, id, attempt]);
  }

  async trim(afterMs: number): Promise<number> {
    return (await this.database.prepared(TRIM, [afterMs])).length;
  }
}

/** @param on whether the webhook is: otherwise there is no further attempt */
async function recordAttempt(
  manager: EntityManager,
  { webhookId, id, attempt, failures }: ClaimedDelivery,
  { result, retryAfterMs, durationMs, statusCode, error, response }: AttemptOutcome,
  on: boolean,
): Promise<boolean> {
  const delay = result === 'failed' && on ? retryAfterMs : null;
  const status = result === 'delivered' ? 'delivered' : delay === null ? 'failed' : 'pending';
  const failed = result === 'delivered' ? failures : failures + 1;
  const [recorded] = await manager.query<[unknown[], number]>(RECORD, [webhookId, id, attempt, status, failed, delay]);
  if (recorded.length === 0) return false;
  await manager.query(LOG, [webhookId, id, attempt, durationMs, statusCode, error, response]);
  return true;
}

/** What an attempt says of the webhook as a whole. */
async function judge(manager: EntityManager, webhook: WebhookEntity, { result, retryAfterMs }: AttemptOutcome): Promise<void> {
  const { id, failing, givenUp } = webhook;
  const now = result === 'delivered' ? 0 : givenUp + (retryAfterMs === null ? 1 : 0);
  if (failing !== (result !== 'delivered') || now !== givenUp) {
    await manager.update(WebhookEntity, { id }, { failing: result !== 'delivered', givenUp: now });
  }
  if (result === 'gone') await switchOff(manager, webhook, 'gone');
  else if (now >= GIVEN_UP_AT_MOST) await switchOff(manager, webhook, 'failing');
}

async function switchOff(
  manager: EntityManager,
  { id, accountId, enabled }: WebhookEntity,
  disabledReason: DisablingReason,
): Promise<void> {
  if (!enabled) return;
  await manager.update(WebhookEntity, { id }, { enabled: false, disabledReason });
  const target = { type: 'webhook', id } as const;
  const [before, after] = [{ enabled: true }, { enabled: false, disabledReason }];
  await putDownOff(manager, { accountId, action: 'webhook.updated', target, before, after }, bySystem('webhooks'));
}

function toClaimed(row: ClaimedRow): ClaimedDelivery {
  const { former_secret: formerSecret, former_pepper_id: formerPepperId } = row;
  const former = formerSecret === null || formerPepperId === null ? [] : [{ sealed: formerSecret, pepperId: formerPepperId }];
  return {
    ...{ webhookId: row.webhook_id, id: row.event_id, type: row.type, occurredAt: row.occurred_at, data: row.data },
    ...{ url: row.url, attempt: row.attempts, failures: row.failures },
    secrets: [{ sealed: row.secret, pepperId: row.pepper_id }, ...former],
  };
}
