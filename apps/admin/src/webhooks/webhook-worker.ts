import { type BeforeApplicationShutdown, Inject, Injectable } from '@nestjs/common';
import {
  type AttemptOutcome,
  type ClaimedDelivery,
  retryDelayMs,
  SYSTEM_TIME,
  WebhookOutbox,
  WebhookSecrets,
  webhookSignature,
} from '#libs/key-domain';
import { Log } from '#libs/observability';
import { Lookout } from '../upkeep/lookout.js';
import { type WebhookAnswer, WebhookSender } from './webhook-sender.js';

/** Milliseconds between two looks for what is due. */
const LOOK_MS = 500;
/** Milliseconds after a look that failed. */
const RETRY_LOOK_MS = 2_000;
/** Requests under way at once, in all, to the webhooks of one account and to one webhook. */
const MOST = 64;
const MOST_OF_ACCOUNT = 16;
const MOST_OF_ONE = 4;
/** Milliseconds after which another admin takes what this one had claimed: well above the time limit of a request. */
const LEASE_MS = 60_000;
/** Milliseconds that a stop waits for requests under way. */
const STOP_WITHIN_MS = 1_000;

/** Sends what is on its way to webhooks. Several admins share the work: each takes what no other has claimed. */
@Injectable()
export class WebhookWorker implements BeforeApplicationShutdown {
  readonly #underWay = new Map<ClaimedDelivery, Promise<void>>();
  readonly #stop = new AbortController();
  readonly #lookout: Lookout;

  constructor(
    @Inject(WebhookOutbox) private readonly outbox: WebhookOutbox,
    @Inject(WebhookSecrets) private readonly secrets: WebhookSecrets,
    private readonly sender: WebhookSender,
    @Inject(Log) private readonly log: Log,
  ) {
    this.#lookout = new Lookout(
      () => this.#claim(),
      { pauseMs: LOOK_MS, afterFaultMs: RETRY_LOOK_MS },
      (error) => {
        log.warn({ err: error }, 'webhooks wait: what is due could not be asked for');
      },
    );
  }

  /** Once the peppers are known to be those of the database. */
  start(): void {
    this.#lookout.start();
  }

  /** Takes nothing more, and hands back what is not over in time. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.#lookout.stop();
    const cancel = SYSTEM_TIME.after(STOP_WITHIN_MS, () => {
      this.#stop.abort();
    });
    await Promise.all(this.#underWay.values());
    cancel();
  }

  async #claim(): Promise<void> {
    const most = MOST - this.#underWay.size;
    if (most === 0) return;
    const busy = [...this.#underWay.keys()].map(({ webhookId }) => webhookId);
    const limits = { mostOfOne: MOST_OF_ONE, mostOfAccount: MOST_OF_ACCOUNT, busy, leaseMs: LEASE_MS };
    const claimed = await this.outbox.claim({ most, ...limits });
    for (const delivery of claimed) this.#underWay.set(delivery, this.#handle(delivery));
  }

  /** Never throws: what could not be recorded is attempted again when the lease ends. */
  async #handle(delivery: ClaimedDelivery): Promise<void> {
    try {
      await this.#deliver(delivery);
    } catch (error) {
      const { webhookId, id } = delivery;
      this.log.error(
        { err: error, webhookId, delivery: id },
        'a delivery could not be attempted, or what came of it not recorded',
      );
    } finally {
      this.#underWay.delete(delivery);
      this.#lookout.wake();
    }
  }

  async #deliver(delivery: ClaimedDelivery): Promise<void> {
    const { id, webhookId, url } = delivery;
    const body = JSON.stringify({ type: delivery.type, timestamp: delivery.occurredAt.toISOString(), data: delivery.data });
    const timestamp = Math.floor(SYSTEM_TIME.wall() / 1_000);
    const secrets = delivery.secrets.map((secret) => this.secrets.open(webhookId, secret));
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'Mintmark-Webhooks/1',
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': webhookSignature({ id, timestamp, body }, secrets),
    };
    const answer = await this.sender.send({ url, headers, body }, this.#stop.signal);
    if (answer.statusCode === null && this.#stop.signal.aborted) return this.outbox.release(delivery);
    await this.outbox.record(delivery, outcomeOf(answer, delivery.failures + 1));
  }
}

/** @param failures how many attempts have failed if this one has */
function outcomeOf({ retryAfterSeconds, ...answer }: WebhookAnswer, failures: number): AttemptOutcome {
  const { statusCode } = answer;
  const good = statusCode !== null && statusCode >= 200 && statusCode < 300;
  const result = good ? 'delivered' : statusCode === 410 ? 'gone' : 'failed';
  const retryAfterMs = result === 'failed' ? retryDelayMs(failures, retryAfterSeconds, Math.random()) : null;
  return { ...answer, result, retryAfterMs };
}
