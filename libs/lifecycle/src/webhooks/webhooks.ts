import { Inject, Injectable } from '@nestjs/common';
import {
  type Delivery,
  ForbiddenError,
  InvalidRequestError,
  newId,
  NotFoundError,
  type Webhook,
  WEBHOOK_EVENTS,
  type WebhookChanges,
  type WebhookEvent,
  WebhookSecrets,
  WebhookStore,
} from '#libs/key-domain';
import { readCursor, writeCursor } from '../paging/cursor.js';
import { type Page, pageOf, type PageRequest } from '../paging/page.js';
import { attributionOf, hasLimits, type Principal } from '../principal.js';
import { WebhookAddresses } from './webhook-addresses.js';

export interface WebhookRequest {
  readonly url: string;
  /** All of them if absent. */
  readonly events?: readonly WebhookEvent[] | undefined;
  readonly description?: string | null | undefined;
}

/** What is asked to be different about a webhook; what is absent stays. */
export interface WebhookChangeRequest extends Omit<WebhookRequest, 'url'> {
  readonly url?: string | undefined;
  readonly enabled?: boolean | undefined;
}

/** A webhook, and the text of its secret, which is told this once. */
export interface WebhookWithSecret {
  readonly webhook: Webhook;
  readonly secret: string;
}

/** The longest that two secrets of a webhook sign together: as long as a key's may be accepted together. */
export const MAX_SECRET_GRACE_SECONDS = 30 * 86_400;

const DELIVERY_ID = /^msg_[0-9a-z]{1,60}$/;
const NO_SUCH_WEBHOOK = 'There is no such webhook.';
const NO_SUCH_DELIVERY = 'There is no such delivery.';

/** The addresses that are told of what happens in an account. */
@Injectable()
export class Webhooks {
  constructor(
    @Inject(WebhookStore) private readonly store: WebhookStore,
    @Inject(WebhookSecrets) private readonly secrets: WebhookSecrets,
    @Inject(WebhookAddresses) private readonly addresses: WebhookAddresses,
  ) {}

  /**
   * @throws ForbiddenError to a key with limits
   * @throws InvalidRequestError at `url`
   * @throws ConflictError when the account has MAX_WEBHOOKS
   */
  async add(principal: Principal, { url, events, description }: WebhookRequest): Promise<WebhookWithSecret> {
    assertMaySend(principal);
    const id = newId('whk');
    const { text, stored } = this.secrets.make(id);
    const chosen = { url: this.#checked(url), events: each(events ?? WEBHOOK_EVENTS), description: description ?? null };
    const webhook = { id, accountId: principal.accountId, ...chosen, secret: stored };
    return { webhook: await this.store.insert(webhook, attributionOf(principal)), secret: text };
  }

  /** Newest first. */
  async list(accountId: string, page: PageRequest): Promise<Page<Webhook>> {
    return pageOf((await this.store.list(accountId)).toReversed(), ({ id }) => id, page);
  }

  /** @throws NotFoundError */
  async find(accountId: string, id: string): Promise<Webhook> {
    return (await this.store.find(accountId, id)) ?? absent();
  }

  /**
   * @throws ForbiddenError to a key with limits, unless it has nothing sent that was not sent before
   * @throws InvalidRequestError at `url`
   * @throws NotFoundError
   */
  async change(principal: Principal, id: string, request: WebhookChangeRequest): Promise<Webhook> {
    const { url, events, description, enabled } = request;
    if (url !== undefined || events !== undefined || enabled === true) assertMaySend(principal);
    const changes: WebhookChanges = {
      ...(url !== undefined && { url: this.#checked(url) }),
      ...(events !== undefined && { events: each(events) }),
      ...(description !== undefined && { description }),
      ...(enabled !== undefined && { enabled }),
    };
    return (await this.store.change(principal.accountId, id, changes, attributionOf(principal))) ?? absent();
  }

  /** @throws NotFoundError */
  async delete(principal: Principal, id: string): Promise<void> {
    if (!(await this.store.delete(principal.accountId, id, attributionOf(principal)))) absent();
  }

  /**
   * @param graceSeconds for how long deliveries are signed with the former secret too
   * @throws ForbiddenError to a key with limits
   * @throws NotFoundError
   */
  async rotateSecret(principal: Principal, id: string, graceSeconds: number): Promise<WebhookWithSecret> {
    assertMaySend(principal);
    const { text, stored } = this.secrets.make(id);
    const rotation = { secret: stored, graceSeconds };
    const webhook = await this.store.rotateSecret(principal.accountId, id, rotation, attributionOf(principal));
    return { webhook: webhook ?? absent(), secret: text };
  }

  /**
   * Newest first.
   * @throws InvalidRequestError at `cursor`
   * @throws NotFoundError
   */
  async deliveries(accountId: string, id: string, { limit, cursor }: PageRequest): Promise<Page<Delivery>> {
    const before = cursor === null ? null : readCursor(cursor, (text) => DELIVERY_ID.test(text));
    await this.find(accountId, id);
    const { deliveries, hasMore } = await this.store.deliveries(accountId, id, { limit, before });
    const last = deliveries.at(-1);
    return { items: deliveries, nextCursor: hasMore && last !== undefined ? writeCursor(last.id) : null };
  }

  /**
   * @throws NotFoundError
   * @throws ConflictError when the webhook is off, or after MAX_ATTEMPTS
   */
  async redeliver(principal: Principal, id: string, deliveryId: string): Promise<Delivery> {
    if (!DELIVERY_ID.test(deliveryId)) throw new NotFoundError(NO_SUCH_DELIVERY);
    const delivery = await this.store.redeliver(principal.accountId, id, deliveryId, attributionOf(principal));
    if (delivery === null) throw new NotFoundError(NO_SUCH_DELIVERY);
    return delivery;
  }

  /**
   * @throws NotFoundError
   * @throws ConflictError when the webhook is off, or MAX_WAITING_TESTS of it wait
   */
  async sendTest(principal: Principal, id: string): Promise<Delivery> {
    return (await this.store.sendTest(principal.accountId, id, newId('msg'), attributionOf(principal))) ?? absent();
  }

  #checked(text: string): string {
    const url = URL.canParse(text) ? new URL(text) : null;
    if (url === null || !/^https?:$/.test(url.protocol)) throw InvalidRequestError.at('url', 'An http:// or https:// URL.');
    if (url.username !== '' || url.password !== '') throw InvalidRequestError.at('url', 'A URL without a user or password.');
    if (url.hash !== '') throw InvalidRequestError.at('url', 'A URL without a fragment.');
    if (!this.addresses.mayPermit(url.hostname)) throw InvalidRequestError.at('url', 'This address may not be called.');
    return url.href;
  }
}

/** Events are sent for as long as the webhook is there, and to wherever it is: a key with limits would be told of them beyond these. */
function assertMaySend(principal: Principal): void {
  if (hasLimits(principal))
    throw new ForbiddenError('A key that has an end, or is bound to addresses, has no events sent anywhere.');
}

function each(events: readonly WebhookEvent[]): readonly WebhookEvent[] {
  return WEBHOOK_EVENTS.filter((event) => events.includes(event));
}

function absent(): never {
  throw new NotFoundError(NO_SUCH_WEBHOOK);
}
