import {
  type Attribution,
  type AuditAction,
  changeOf,
  ConflictError,
  type Deed,
  type Delivery,
  type DeliveryPage,
  MAX_ATTEMPTS,
  MAX_WAITING_TESTS,
  MAX_WEBHOOKS,
  type NewWebhook,
  NotFoundError,
  type SealedSecret,
  TEST_EVENT,
  type Webhook,
  type WebhookChanges,
  type WebhookStore,
} from '#libs/key-domain';
import { Injectable } from '@nestjs/common';
import { type EntityManager, IsNull, MoreThanOrEqual, Not, type SelectQueryBuilder } from 'typeorm';
import { Database } from '../connection/database.js';
import { onViolation } from '../connection/store-error.js';
import { WebhookDeliveryEntity } from '../schema/entities/webhook-delivery.entity.js';
import { WebhookEntity } from '../schema/entities/webhook.entity.js';
import { putDown } from './audit-trail.js';
import {
  auditedWebhook,
  deleteWithDeliveries,
  putDownOff,
  lockWebhook,
  selectWebhook,
  toDelivery,
  toWebhook,
} from './stored-webhook.js';

const ROTATE = `
  UPDATE webhooks SET
    former_secret = secret, former_pepper_id = pepper_id,
    former_secret_ends_at = clock_timestamp() + $2 * interval '1 second',
    secret = $3, pepper_id = $4
  WHERE id = $1`;

@Injectable()
export class PostgresWebhookStore implements WebhookStore {
  constructor(private readonly database: Database) {}

  insert({ secret, ...webhook }: NewWebhook, by: Attribution): Promise<Webhook> {
    const { id, accountId } = webhook;
    return this.database
      .transaction(async (manager) => {
        // One after the other: two that come at once must not both take the last room.
        await manager.query('SELECT FROM accounts WHERE id = $1 FOR NO KEY UPDATE', [accountId]);
        const stored = { secret: secret.sealed, pepperId: secret.pepperId };
        await manager.insert(WebhookEntity, { ...webhook, events: [...webhook.events], ...stored });
        if ((await manager.countBy(WebhookEntity, { accountId })) > MAX_WEBHOOKS) {
          throw new ConflictError(`The account has ${MAX_WEBHOOKS} webhooks, and can have no more.`);
        }
        const inserted = (await selectWebhook(manager, accountId, id)) ?? absent();
        await putDown(manager, deedOn('webhook.created', inserted, { before: null, after: auditedWebhook(inserted) }), by);
        return inserted;
      })
      .catch(onViolation({ webhooks_account_id_fkey: () => new NotFoundError('There is no such account.') }));
  }

  list(accountId: string): Promise<readonly Webhook[]> {
    return this.database.run(async (manager) =>
      (await manager.find(WebhookEntity, { where: { accountId }, order: { id: 'ASC' } })).map(toWebhook),
    );
  }

  find(accountId: string, webhookId: string): Promise<Webhook | null> {
    return this.database.run((manager) => selectWebhook(manager, accountId, webhookId));
  }

  change(accountId: string, webhookId: string, changes: WebhookChanges, by: Attribution): Promise<Webhook | null> {
    return this.database.transaction(async (manager) => {
      const former = await lockWebhook(manager, accountId, webhookId);
      if (former === null) return null;
      const switched = changes.enabled === undefined ? {} : { disabledReason: null, failing: false, givenUp: 0 };
      const { events, ...rest } = changes;
      const columns = { ...rest, ...switched, ...(events !== undefined && { events: [...events] }) };
      if (Object.keys(columns).length > 0) await manager.update(WebhookEntity, { id: webhookId }, columns);
      const webhook = (await selectWebhook(manager, accountId, webhookId)) ?? absent();
      const change = changeOf(auditedWebhook(toWebhook(former)), auditedWebhook(webhook));
      const deed = deedOn('webhook.updated', webhook, change);
      if (changes.enabled === false) await putDownOff(manager, deed, by);
      else await putDown(manager, deed, by);
      return webhook;
    });
  }

  /**
   * Puts it down before it deletes: whoever puts an event on its way to a webhook holds the head of the account's chain, and waits
   * for whoever deletes the webhook. Whoever changes one locks it before that, as is done here.
   */
  delete(accountId: string, webhookId: string, by: Attribution): Promise<boolean> {
    return this.database.transaction(async (manager) => {
      const locked = await lockWebhook(manager, accountId, webhookId);
      if (locked === null) return false;
      const webhook = toWebhook(locked);
      await putDown(manager, deedOn('webhook.deleted', webhook, { before: auditedWebhook(webhook), after: null }), by);
      await deleteWithDeliveries(manager, webhookId);
      return true;
    });
  }

  rotateSecret(
    accountId: string,
    webhookId: string,
    { secret, graceSeconds }: { readonly secret: SealedSecret; readonly graceSeconds: number },
    by: Attribution,
  ): Promise<Webhook | null> {
    return this.database.transaction(async (manager) => {
      if ((await lockWebhook(manager, accountId, webhookId)) === null) return null;
      await manager.query(ROTATE, [webhookId, graceSeconds, secret.sealed, secret.pepperId]);
      const webhook = (await selectWebhook(manager, accountId, webhookId)) ?? absent();
      const after = { formerSecretEndsAt: webhook.formerSecretEndsAt };
      await putDown(manager, deedOn('webhook.secret_rotated', webhook, { before: null, after }), by);
      return webhook;
    });
  }

  async deliveries(
    accountId: string,
    webhookId: string,
    { limit, before }: { readonly limit: number; readonly before: string | null },
  ): Promise<DeliveryPage> {
    return this.database.run(async (manager) => {
      const listed = manager
        .createQueryBuilder(WebhookDeliveryEntity, 'listed')
        .select('listed.eventId', 'id')
        .innerJoin('listed.webhook', 'webhook', 'webhook.accountId = :accountId', { accountId })
        .where('listed.webhookId = :webhookId', { webhookId });
      if (before !== null) listed.andWhere('listed.eventId < :before', { before });
      const found = await listed
        .orderBy('listed.eventId', 'DESC')
        .limit(limit + 1)
        .getRawMany<{ readonly id: string }>();
      const ids = found.slice(0, limit).map(({ id }) => id);
      // By their names, in a statement of its own: a revocation of many keys leaves Postgres without an idea of how many deliveries there are.
      const deliveries = selectDeliveries(manager, webhookId).andWhere('delivery.eventId = ANY (:ids)', { ids });
      return { deliveries: (await deliveries.getMany()).map(toDelivery), hasMore: found.length > limit };
    });
  }

  redeliver(accountId: string, webhookId: string, deliveryId: string, by: Attribution): Promise<Delivery | null> {
    return this.database.transaction(async (manager) => {
      const webhook = await lockIfOn(manager, accountId, webhookId);
      if (webhook === null) return null;
      await refuseFurtherAttempts(manager, webhookId, deliveryId);
      const anew = { status: 'pending', failures: 0, nextAttemptAt: () => 'clock_timestamp()' } as const;
      const { affected } = await manager.update(WebhookDeliveryEntity, { webhookId, eventId: deliveryId }, anew);
      if (affected === 0) return null;
      await putDown(manager, deedOn('webhook.redelivered', webhook, { before: null, after: { deliveryId } }), by);
      return selectDelivery(manager, webhookId, deliveryId);
    });
  }

  sendTest(accountId: string, webhookId: string, deliveryId: string, by: Attribution): Promise<Delivery | null> {
    return this.database.transaction(async (manager) => {
      const webhook = await lockIfOn(manager, accountId, webhookId);
      if (webhook === null) return null;
      await refuseFurtherTests(manager, webhookId);
      const event = { eventId: deliveryId, type: TEST_EVENT, occurredAt: () => 'clock_timestamp()' } as const;
      await manager.insert(WebhookDeliveryEntity, { webhookId, ...event, data: { id: webhookId } });
      await putDown(manager, deedOn('webhook.tested', webhook, { before: null, after: { deliveryId } }), by);
      return selectDelivery(manager, webhookId, deliveryId);
    });
  }
}

/** Nothing waits at a webhook that is off: it stays on until the transaction ends. Null: there is none. */
async function lockIfOn(manager: EntityManager, accountId: string, webhookId: string): Promise<Webhook | null> {
  const webhook = await lockWebhook(manager, accountId, webhookId);
  if (webhook?.enabled === false) throw new ConflictError('The webhook is off. Switch it on first.');
  return webhook === null ? null : toWebhook(webhook);
}

async function refuseFurtherAttempts(manager: EntityManager, webhookId: string, eventId: string): Promise<void> {
  if (!(await manager.existsBy(WebhookDeliveryEntity, { webhookId, eventId, attempts: MoreThanOrEqual(MAX_ATTEMPTS) }))) return;
  throw new ConflictError(`The delivery was attempted ${MAX_ATTEMPTS} times, and is sent again no more.`);
}

/** The webhook is locked: two that come at once don't both take the last room. */
async function refuseFurtherTests(manager: EntityManager, webhookId: string): Promise<void> {
  const waiting = { webhookId, type: TEST_EVENT, nextAttemptAt: Not(IsNull()) } as const;
  if ((await manager.countBy(WebhookDeliveryEntity, waiting)) < MAX_WAITING_TESTS) return;
  throw new ConflictError(`${MAX_WAITING_TESTS} tests of this webhook wait for their delivery already.`);
}

function selectDeliveries(manager: EntityManager, webhookId: string): SelectQueryBuilder<WebhookDeliveryEntity> {
  return manager
    .createQueryBuilder(WebhookDeliveryEntity, 'delivery')
    .leftJoinAndSelect('delivery.log', 'attempt')
    .where('delivery.webhookId = :webhookId', { webhookId })
    .orderBy('delivery.eventId', 'DESC')
    .addOrderBy('attempt.number', 'ASC');
}

async function selectDelivery(manager: EntityManager, webhookId: string, eventId: string): Promise<Delivery> {
  return toDelivery(
    await selectDeliveries(manager, webhookId).andWhere('delivery.eventId = :eventId', { eventId }).getOneOrFail(),
  );
}

function deedOn(action: AuditAction, { id, accountId }: Webhook, change: Pick<Deed, 'before' | 'after'>): Deed {
  return { accountId, action, target: { type: 'webhook', id }, ...change };
}

/** It was there, and somebody deleted it meanwhile. */
function absent(): never {
  throw new NotFoundError('There is no such webhook.');
}
