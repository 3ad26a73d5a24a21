import { idsAtOnce, type WebhookEvent } from '#libs/key-domain';
import type { EntityManager } from 'typeorm';
import { keyFacts } from './key-facts.js';

/**
 * Which webhooks `w` are on and subscribed to an event. Read `FOR KEY SHARE` they stay until the transaction ends: one that
 * somebody is deleting is waited for, and is not among them.
 */
export const isSubscribed = (event: WebhookEvent) => `w.enabled AND '${event}' = ANY (w.events)`;

interface EventsOfKeys {
  readonly event: WebhookEvent;
  /** What the ids of the events begin with. */
  readonly ids: string;
  readonly at: string;
  /** What is told beside the key. */
  readonly details: string;
  /** Where the keys are, each once and as `key`, and what holds of them. */
  readonly keys: string;
}

/**
 * Puts an event of each of many keys on its way to each webhook in `subscribed`, a WITH query of the statement. The keys are
 * not looked at where that is empty.
 */
export const tellOfEach = ({ event, ids, at, details, keys }: EventsOfKeys) => `
  INSERT INTO webhook_deliveries (webhook_id, event_id, type, occurred_at, data)
  SELECT subscribed.id, event.id, '${event}', event.at, event.data
  FROM subscribed CROSS JOIN (
    SELECT ${ids} || lpad(to_hex(row_number() OVER (ORDER BY key.id)), 6, '0') AS id, ${at} AS at,
      jsonb_build_object('id', key.id) || ${keyFacts('key')} || ${details} AS data
    FROM ${keys} AND EXISTS (SELECT FROM subscribed)
  ) event`;

const IS_CREATED_TOLD = `SELECT EXISTS (SELECT FROM webhooks w WHERE w.account_id = $1 AND ${isSubscribed('key.created')}) AS told`;

const TELL_OF_CREATED = `
  WITH subscribed AS MATERIALIZED (
    SELECT w.id FROM webhooks w WHERE w.account_id = $1 AND ${isSubscribed('key.created')} FOR KEY SHARE OF w
  )
  ${tellOfEach({
    event: 'key.created',
    ids: '$3::text',
    at: 'head.at',
    details: `'{}'::jsonb`,
    keys: 'keys key JOIN audit_heads head ON head.account_id = key.account_id WHERE key.account_id = $1 AND key.id = ANY ($2)',
  })}`;

/** Tells of each of the keys that a transaction has made, as of the entry that it has put down last. */
export async function tellOfCreated(manager: EntityManager, accountId: string, keyIds: readonly string[]): Promise<void> {
  const [row] = await manager.query<{ told: boolean }[]>(IS_CREATED_TOLD, [accountId]);
  if (row?.told === true) await manager.query(TELL_OF_CREATED, [accountId, [...keyIds], idsAtOnce('msg')]);
}
