import type { Attribution } from '../audit/attribution.js';
import type { SealedSecret } from '../webhook/webhook-secrets.js';
import type { Delivery, Webhook } from '../webhook/webhook.js';

export interface NewWebhook extends Pick<Webhook, 'id' | 'accountId' | 'url' | 'events' | 'description'> {
  readonly secret: SealedSecret;
}

/** What can be changed of a webhook; what is absent stays as it is. */
export type WebhookChanges = Partial<Pick<Webhook, 'url' | 'events' | 'description' | 'enabled'>>;

export interface DeliveryPage {
  /** Newest first. */
  readonly deliveries: readonly Delivery[];
  readonly hasMore: boolean;
}

/**
 * The webhooks of accounts, and what is on its way to them. Another account's webhook is treated as absent. What is done in
 * an account becomes deliveries in the transaction that does it: one for each webhook that is on and subscribed to it.
 * @throws UnavailableError when the store can't be asked
 */
export interface WebhookStore {
  /** @throws ConflictError when the account has MAX_WEBHOOKS */
  insert(webhook: NewWebhook, by: Attribution): Promise<Webhook>;
  /** Oldest first. */
  list(accountId: string): Promise<readonly Webhook[]>;
  find(accountId: string, webhookId: string): Promise<Webhook | null>;
  /** Switched off, it gives up what is on its way; switched on, it is no longer held to have failed. Null: no such webhook. */
  change(accountId: string, webhookId: string, changes: WebhookChanges, by: Attribution): Promise<Webhook | null>;
  /** With everything that is on its way to it. @returns whether there was one */
  delete(accountId: string, webhookId: string, by: Attribution): Promise<boolean>;
  /** Gives it another secret; the one before it goes on signing for the grace period. Null: no such webhook. */
  rotateSecret(
    accountId: string,
    webhookId: string,
    rotation: { readonly secret: SealedSecret; readonly graceSeconds: number },
    by: Attribution,
  ): Promise<Webhook | null>;
  /** Those older than the one with id `before`, or the newest where that is null. */
  deliveries(
    accountId: string,
    webhookId: string,
    page: { readonly limit: number; readonly before: string | null },
  ): Promise<DeliveryPage>;
  /**
   * Has a delivery attempted now, whatever became of it, and its schedule begun anew. Null: no such delivery.
   * @throws ConflictError when the webhook is off, or after MAX_ATTEMPTS
   */
  redeliver(accountId: string, webhookId: string, deliveryId: string, by: Attribution): Promise<Delivery | null>;
  /**
   * Has a webhook told of nothing but that it is a test. Null: no such webhook.
   * @throws ConflictError when the webhook is off, or MAX_WAITING_TESTS of it wait
   */
  sendTest(accountId: string, webhookId: string, deliveryId: string, by: Attribution): Promise<Delivery | null>;
}

export const WebhookStore = Symbol('WebhookStore');
