import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AdminClient, signIn } from '../../support/admin-client.js';
import { recordSecret } from '../../support/evidence.js';
import { type Stack, startStack } from '../../support/stack.js';
import { inDatabase } from '../admin/office.js';
import { WebhookReceiver } from './webhook-receiver.js';

export interface Added {
  readonly id: string;
  readonly secret: string;
}

export interface Delivery {
  readonly id: string;
  readonly type: string;
  readonly status: string;
  readonly nextAttemptAt: string | null;
  readonly attempts: readonly { readonly number: number; readonly statusCode: number | null; readonly error: string | null }[];
}

/** An installation that may send to loopback, with its owner signed in, and a receiver for each test. */
export class WebhookOffice {
  #stack: Stack | undefined;
  #owner: AdminClient | undefined;
  #receiver: WebhookReceiver | undefined;

  /** Has the tests of a file each find one with no webhook. */
  static forTests(env: () => Readonly<Record<string, string>> = () => ({})): WebhookOffice {
    const office = new WebhookOffice();
    beforeAll(async () => {
      office.#stack = await startStack({ env: { MINTMARK_WEBHOOK_ALLOW_PRIVATE: '127.0.0.0/8', ...env() } });
      office.#owner = await signIn(office.stack);
    });
    afterAll(() => office.stack.stop());
    beforeEach(async () => {
      office.#receiver = await WebhookReceiver.start();
    });
    afterEach(async () => {
      await inDatabase(office.stack, (sql) => sql('DELETE FROM webhooks'));
      await office.receiver.stop();
    });
    return office;
  }

  get stack(): Stack {
    return this.#stack ?? notStarted();
  }
  get owner(): AdminClient {
    return this.#owner ?? notStarted();
  }
  get receiver(): WebhookReceiver {
    return this.#receiver ?? notStarted();
  }

  async accountId(): Promise<string> {
    return ((await this.owner.get('/auth/session')).body as { readonly account: { readonly id: string } }).account.id;
  }

  /** Starts it again on the same data, and has the owner sign in anew. */
  async restart(env: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.stack.restart(env);
    this.#owner = await signIn(this.stack);
  }

  /** A webhook to the test's receiver, for everything, unless the fields say otherwise. */
  async add(fields: object = {}, admin = this.owner): Promise<Added> {
    const { status, body } = await admin.post('/webhooks', { url: this.receiver.url, ...fields });
    if (status !== 201) throw new Error(`not added: ${status} ${JSON.stringify(body)}`);
    return added(body);
  }

  async deliveries(id: string): Promise<readonly Delivery[]> {
    const { status, body } = await this.owner.get(`/webhooks/${id}/deliveries`);
    expect(status).toBe(200);
    return (body as { readonly data: readonly Delivery[] }).data;
  }

  /** Once the newest delivery is as a test wants it; what is said after a request came is recorded a little later. */
  async newest(id: string, holds: (delivery: Delivery) => boolean): Promise<Delivery> {
    for (;;) {
      const [delivery] = await this.deliveries(id);
      if (delivery !== undefined && holds(delivery)) return delivery;
      await sleep(50);
    }
  }

  /** As if the wait for the next attempt, or somebody's lease, were over. */
  async hasten(): Promise<void> {
    const hasten = 'UPDATE webhook_deliveries SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL';
    await inDatabase(this.stack, (sql) => sql(hasten));
  }
}

/** What the answer to an addition or a rotation tells. */
export function added(body: unknown): Added {
  const { secret, webhook } = body as { readonly secret: string; readonly webhook: { readonly id: string } };
  recordSecret('webhook-secret', secret);
  return { id: webhook.id, secret };
}

function notStarted(): never {
  throw new Error('the tests have not begun');
}
