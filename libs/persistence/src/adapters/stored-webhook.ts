import type { Attribution, AuditedState, Deed, Delivery, Webhook } from '#libs/key-domain';
import type { EntityManager } from 'typeorm';
import { longStatement } from '../connection/database.js';
import type { WebhookDeliveryEntity } from '../schema/entities/webhook-delivery.entity.js';
import { WebhookEntity } from '../schema/entities/webhook.entity.js';
import { putDown } from './audit-trail.js';

/** One webhook of an account, as the transaction sees it. Null: no such webhook. */
export async function selectWebhook(manager: EntityManager, accountId: string, id: string): Promise<Webhook | null> {
  const found = await manager.findOneBy(WebhookEntity, { accountId, id });
  return found === null ? null : toWebhook(found);
}

/** The same, locked: nobody else changes it until the transaction ends; events go on being put on their way to it. */
export async function lockWebhook(manager: EntityManager, accountId: string, id: string): Promise<WebhookEntity | null> {
  return manager.findOne(WebhookEntity, { where: { accountId, id }, lock: { mode: 'for_no_key_update' } });
}

export function toWebhook(stored: WebhookEntity): Webhook {
  const { id, accountId, url, events, description, enabled, disabledReason, createdAt, formerSecretEndsAt } = stored;
  return { id, accountId, url, events, description, enabled, disabledReason, createdAt, formerSecretEndsAt };
}

/** What the record tells of a webhook's state. An address may hold a secret of its holder's in its path or query: it tells the host. */
export function auditedWebhook({ url, events, description, enabled, disabledReason }: Webhook): AuditedState {
  return { host: new URL(url).host, events, description, enabled, disabledReason };
}

/** Milliseconds that all deliveries of a webhook may take: of keys revoked at once there may be as many as keys. */
const ALL_DELIVERIES_MS = 300_000;

const GIVE_UP = `
  UPDATE webhook_deliveries SET status = 'failed', next_attempt_at = NULL
  WHERE webhook_id = :webhookId AND next_attempt_at IS NOT NULL`;

/**
 * Puts down that a webhook is off, and gives up what is on its way there; it can be sent again by hand. Most of it before the
 * head of the chain is held, since that may take long, and then what came meanwhile: whoever puts an event on its way holds the
 * head, or the webhook, and finds it off afterwards.
 */
export async function putDownOff(manager: EntityManager, deed: Deed, by: Attribution): Promise<void> {
  await giveUpDeliveries(manager, deed.target.id);
  await putDown(manager, deed, by);
  await giveUpDeliveries(manager, deed.target.id);
}

async function giveUpDeliveries(manager: EntityManager, webhookId: string): Promise<void> {
  await longStatement(manager, GIVE_UP, { webhookId }, ALL_DELIVERIES_MS);
}

/** Deletes a webhook and all that it was ever sent. */
export async function deleteWithDeliveries(manager: EntityManager, webhookId: string): Promise<void> {
  await longStatement(manager, 'DELETE FROM webhooks WHERE id = :webhookId', { webhookId }, ALL_DELIVERIES_MS);
}

export function toDelivery(stored: WebhookDeliveryEntity): Delivery {
  const { eventId: id, type, occurredAt, status, nextAttemptAt } = stored;
  const attempts = stored.log.map(({ number, at, durationMs, statusCode, error, response }) => ({
    ...{ number, at, durationMs, statusCode, error, response },
  }));
  return { id, type, occurredAt, status, nextAttemptAt, attempts };
}
