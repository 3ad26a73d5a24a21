import type { WebhookEvent } from './webhook-event.js';

/** Why Mintmark itself switched a webhook off: it answered 410, or gave no good answer for days. */
export type DisablingReason = 'gone' | 'failing';

/** An address that is told of what happens in an account. */
export interface Webhook {
  readonly id: string;
  readonly accountId: string;
  readonly url: string;
  readonly events: readonly WebhookEvent[];
  readonly description: string | null;
  readonly enabled: boolean;
  /** Null: it is on, or somebody switched it off. */
  readonly disabledReason: DisablingReason | null;
  readonly createdAt: Date;
  /** Until when deliveries are signed with the former secret too; null: no secret came before this one. */
  readonly formerSecretEndsAt: Date | null;
}

/** How many an account has at most: each event goes to every one of them. */
export const MAX_WEBHOOKS = 20;

/** How many tests of a webhook wait at most for their delivery. */
export const MAX_WAITING_TESTS = 20;

/** After how many attempts a delivery is sent again by hand no more: each is kept as long as the delivery is. */
export const MAX_ATTEMPTS = 100;

export type DeliveryStatus = 'pending' | 'delivered' | 'failed';

/** One request that was made. */
export interface DeliveryAttempt {
  /** From 1. A number is missing where the process ended before it knew the outcome. */
  readonly number: number;
  readonly at: Date;
  readonly durationMs: number;
  /** Null: no answer came. */
  readonly statusCode: number | null;
  /** Why no answer came, or none that counts; null: one came. */
  readonly error: string | null;
  /** What the answer's body began with, as text. */
  readonly response: string | null;
}

/** One event on its way to one webhook. */
export interface Delivery {
  /** The event's: the same for every webhook that is told of it, and for every attempt. */
  readonly id: string;
  readonly type: WebhookEvent | 'webhook.test';
  readonly occurredAt: Date;
  readonly status: DeliveryStatus;
  /** Null: none is due. */
  readonly nextAttemptAt: Date | null;
  /** Oldest first. */
  readonly attempts: readonly DeliveryAttempt[];
}
