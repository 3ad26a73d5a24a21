import type { AuditedState, Delivery, Webhook } from '#libs/key-domain';
import type { EntityManager } from 'typeorm';
import { WebhookDeliveryEntity } from '../schema/entities/webhook-delivery.entity.js';
import { WebhookEntity } from '../schema/entities/webhook.entity.js';

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

/** Gives up what is on its way to a webhook; it can be sent again by hand. */
export async function giveUpDeliveries(manager: EntityManager, webhookId: string): Promise<void> {
  await manager.update(WebhookDeliveryEntity, { webhookId, status: 'pending' }, { status: 'failed', nextAttemptAt: null });
}

export function toDelivery(stored: WebhookDeliveryEntity): Delivery {
  const { eventId: id, type, occurredAt, status, nextAttemptAt } = stored;
  const attempts = stored.log.map(({ number, at, durationMs, statusCode, error, response }) => ({
    ...{ number, at, durationMs, statusCode, error, response },
  }));
  return { id, type, occurredAt, status, nextAttemptAt, attempts };
}
