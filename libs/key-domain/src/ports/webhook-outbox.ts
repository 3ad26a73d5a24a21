import type { SealedSecret } from '../webhook/webhook-secrets.js';
import type { Delivery, DeliveryAttempt } from '../webhook/webhook.js';

/** A delivery that is this process' to attempt, until its lease ends. */
export interface ClaimedDelivery extends Pick<Delivery, 'id' | 'type' | 'occurredAt'> {
  readonly webhookId: string;
  readonly url: string;
  /** The current one first. */
  readonly secrets: readonly SealedSecret[];
  readonly data: Readonly<Record<string, unknown>>;
  /** The attempt that this claim is, from 1. */
  readonly attempt: number;
  /** How many attempts of its schedule have failed. */
  readonly failures: number;
}

export interface ClaimLimits {
  /** Of all; no account is given its nth, with those in `busy`, unless n are free. */
  readonly most: number;
  /** Of one webhook; one that failed last is given one. */
  readonly mostOfOne: number;
  /** Of all webhooks of one account, with those in `busy`. */
  readonly mostOfAccount: number;
  /** Webhooks that are given none: each once for every request to it that is under way. */
  readonly busy: readonly string[];
  /** Milliseconds after which anybody may take what was claimed and not recorded. */
  readonly leaseMs: number;
}

/** What became of an attempt. */
export interface AttemptOutcome extends Omit<DeliveryAttempt, 'number' | 'at'> {
  /** `gone`: it is not wanted there any more. */
  readonly result: 'delivered' | 'failed' | 'gone';
  /** Milliseconds to the next attempt; null: there is none. Counts where it failed. */
  readonly retryAfterMs: number | null;
}

/**
 * What is on its way to webhooks. Any number of processes share it; each delivery is attempted at least once.
 * @throws UnavailableError when the store can't be asked
 */
export interface WebhookOutbox {
  /** Takes what is due, of different webhooks by turns. What somebody else has claimed is left alone until their lease ends. */
  claim(limits: ClaimLimits): Promise<readonly ClaimedDelivery[]>;
  /**
   * Records an attempt. A webhook that is gone, or for which the schedule ended for several deliveries on end, is switched off.
   * @returns whether the claim still stood; otherwise nothing is recorded
   */
  record(claimed: ClaimedDelivery, outcome: AttemptOutcome): Promise<boolean>;
  /** Hands a delivery back that was not attempted to its end: it is due at once. */
  release(claimed: ClaimedDelivery): Promise<void>;
  /** Forgets some of the deliveries that are over for longer than that. @returns how many */
  trim(afterMs: number): Promise<number>;
}

export const WebhookOutbox = Symbol('WebhookOutbox');
