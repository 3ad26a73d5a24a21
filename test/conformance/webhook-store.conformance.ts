import { ConflictError, MAX_ATTEMPTS, MAX_WEBHOOKS, newId, NotFoundError, type Webhook, WEBHOOK_EVENTS } from '#libs/key-domain';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { aKey, aWebhook, BY, HOUR_MS } from './factories.js';
import type { StorageHarness } from './harness.js';

const CLAIM = { most: 1_000, mostOfOne: 1_000, mostOfAccount: 1_000, busy: [], leaseMs: HOUR_MS };
const PAGE = { limit: 50, before: null };
const FAILED = { result: 'failed', retryAfterMs: null, durationMs: 5, statusCode: 500, error: null, response: '' } as const;

export function webhookStoreConformance(storage: () => StorageHarness): void {
  describe('WebhookStore', () => {
    let accountId: string;
    let strangers: string;
    beforeEach(async () => {
      await storage().forgetWebhooks();
      [accountId, strangers] = [await storage().account(), await storage().account()];
    });

    const add = (given: Parameters<typeof aWebhook>[1] = {}): Promise<Webhook> =>
      storage().webhooks.insert(aWebhook(accountId, given), BY);
    const send = async ({ id }: Webhook): Promise<string> => {
      const sent = await storage().webhooks.sendTest(accountId, id, newId('msg'), BY);
      return sent?.id ?? '';
    };
    const statuses = async ({ id }: Webhook) =>
      (await storage().webhooks.deliveries(accountId, id, PAGE)).deliveries.map(({ status }) => status);
    const claimed = () => storage().webhookOutbox.claim(CLAIM);

    test('keeps a webhook as it was given, on, and tells nobody its secret', async () => {
      const given = { url: 'https://example.com/a?b=c', events: ['key.leaked', 'key.created'] as const, description: 'ours' };
      const webhook = await add(given);
      const { id } = webhook;
      expect(webhook).toEqual({
        ...{ id, accountId, ...given, enabled: true, disabledReason: null },
        ...{ createdAt: expect.any(Date), formerSecretEndsAt: null },
      });
      expect(await storage().webhooks.find(accountId, id)).toEqual(webhook);
      const second = await add();
      expect(await storage().webhooks.list(accountId)).toEqual([webhook, second]);
    });

    test('holds none of an account that there is not', async () => {
      await expect(storage().webhooks.insert(aWebhook(newId('acc')), BY)).rejects.toThrow(NotFoundError);
    });

    test(`holds ${MAX_WEBHOOKS} of an account at most, however many are added at once`, async () => {
      const added = await Promise.allSettled(Array.from({ length: MAX_WEBHOOKS + 5 }, () => add()));
      const refused = added.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
      expect(refused).toEqual(Array.from({ length: 5 }, () => expect.any(ConflictError)));
      expect(await storage().webhooks.list(accountId)).toHaveLength(MAX_WEBHOOKS);
    });

    test('treats the webhook of another account, and one that is not there, as absent', async () => {
      const webhook = await add();
      const delivery = await send(webhook);
      const { webhooks } = storage();
      const secret = { sealed: randomBytes(60), pepperId: 'p1' };
      for (const [account, id] of [[strangers, webhook.id] as const, [accountId, newId('whk')] as const]) {
        expect(await webhooks.find(account, id)).toBeNull();
        expect(await webhooks.change(account, id, { enabled: false }, BY)).toBeNull();
        expect(await webhooks.rotateSecret(account, id, { secret, graceSeconds: 0 }, BY)).toBeNull();
        expect(await webhooks.deliveries(account, id, PAGE)).toEqual({ deliveries: [], hasMore: false });
        expect(await webhooks.redeliver(account, id, delivery, BY)).toBeNull();
        expect(await webhooks.sendTest(account, id, newId('msg'), BY)).toBeNull();
        expect(await webhooks.delete(account, id, BY)).toBe(false);
      }
      expect(await webhooks.list(strangers)).toEqual([]);
      expect(await webhooks.find(accountId, webhook.id)).toEqual(webhook);
      expect(await statuses(webhook)).toEqual(['pending']);
    });

    test('changes what is named, and nothing else', async () => {
      const webhook = await add({ description: 'ours' });
      const { webhooks } = storage();
      const changes = { url: 'https://example.com/other', events: ['key.updated'] as const };
      expect(await webhooks.change(accountId, webhook.id, changes, BY)).toEqual({ ...webhook, ...changes });
      expect(await webhooks.change(accountId, webhook.id, { description: null }, BY)).toEqual({
        ...{ ...webhook, ...changes },
        description: null,
      });
    });

    test('gives up what is on its way when a webhook is switched off, and is told nothing until it is on', async () => {
      const webhook = await add();
      await send(webhook);
      const { webhooks, keys } = storage();
      const off = await webhooks.change(accountId, webhook.id, { enabled: false }, BY);
      expect(off).toEqual({ ...webhook, enabled: false });
      await keys.insert(aKey(accountId), BY);
      await expect(send(webhook)).rejects.toThrow(ConflictError);
      expect([await statuses(webhook), await claimed()]).toEqual([['failed'], []]);
      const [given] = (await webhooks.deliveries(accountId, webhook.id, PAGE)).deliveries;
      await expect(webhooks.redeliver(accountId, webhook.id, given?.id ?? '', BY)).rejects.toThrow(ConflictError);
      await webhooks.change(accountId, webhook.id, { enabled: true }, BY);
      const again = await webhooks.redeliver(accountId, webhook.id, given?.id ?? '', BY);
      expect(again).toMatchObject({ id: given?.id, status: 'pending' });
      expect((await claimed()).map(({ id }) => id)).toEqual([given?.id]);
    });

    test(`sends nothing again that was attempted ${MAX_ATTEMPTS} times`, async () => {
      const webhook = await add();
      const id = await send(webhook);
      const again = () => storage().webhooks.redeliver(accountId, webhook.id, id, BY);
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
        await expect(again()).resolves.toMatchObject({ id });
        await storage().webhookOutbox.claim({ ...CLAIM, leaseMs: 0 });
      }
      await expect(again()).rejects.toThrow(ConflictError);
      expect(await storage().webhooks.redeliver(accountId, webhook.id, newId('msg'), BY)).toBeNull();
    });

    test('deletes a webhook with everything that is on its way to it', async () => {
      const [webhook, other] = [await add(), await add()];
      for (const one of [webhook, other]) await send(one);
      expect(await storage().webhooks.delete(accountId, webhook.id, BY)).toBe(true);
      expect(await storage().webhooks.delete(accountId, webhook.id, BY)).toBe(false);
      expect((await claimed()).map(({ webhookId }) => webhookId)).toEqual([other.id]);
    });

    test('has deliveries signed with the former secret too, for the grace period', async () => {
      const former = { sealed: randomBytes(60), pepperId: 'p1' };
      const secret = { sealed: randomBytes(60), pepperId: 'p2' };
      for (const [graceSeconds, secrets] of [[0, [secret]] as const, [60, [secret, former]] as const]) {
        const webhook = await add({ secret: former });
        const rotated = await storage().webhooks.rotateSecret(accountId, webhook.id, { secret, graceSeconds }, BY);
        const end = Number(rotated?.formerSecretEndsAt) / 1_000;
        expect(Math.abs(end - graceSeconds - Date.now() / 1_000)).toBeLessThan(30);
        await send(webhook);
        expect((await claimed()).map((one) => one.secrets)).toEqual([secrets]);
      }
    });

    test('lists deliveries newest first and page by page, with every attempt', async () => {
      const webhook = await add();
      const sent: string[] = [];
      for (let n = 0; n < 5; n++) sent.unshift(await send(webhook));
      for (const one of await claimed()) await storage().webhookOutbox.record(one, FAILED);
      const ids: string[] = [];
      for (let [before, hasMore]: [string | null, boolean] = [null, true]; hasMore; before = ids.at(-1) ?? null) {
        const page = await storage().webhooks.deliveries(accountId, webhook.id, { limit: 2, before });
        ids.push(...page.deliveries.map(({ id }) => id));
        expect(page.deliveries.map(({ attempts }) => attempts)).toEqual(
          page.deliveries.map(() => [
            { number: 1, at: expect.any(Date), durationMs: 5, statusCode: 500, error: null, response: '' },
          ]),
        );
        hasMore = page.hasMore;
      }
      expect(ids).toEqual(sent);
    });

    test('puts down what is done to webhooks, without what may be secret', async () => {
      const webhook = await add({ url: 'https://example.com/hook?key=hidden' });
      const secret = { sealed: randomBytes(60), pepperId: 'p1' };
      await storage().webhooks.change(accountId, webhook.id, { events: ['key.leaked'] }, BY);
      await storage().webhooks.change(accountId, webhook.id, {}, BY);
      await storage().webhooks.rotateSecret(accountId, webhook.id, { secret, graceSeconds: 60 }, BY);
      const deliveryId = await send(webhook);
      await storage().webhooks.redeliver(accountId, webhook.id, deliveryId, BY);
      await storage().webhooks.redeliver(accountId, webhook.id, newId('msg'), BY);
      await storage().webhooks.delete(accountId, webhook.id, BY);
      const { entries } = await storage().audit.list(accountId, { target: webhook.id }, PAGE);
      const told = entries.map(({ action, change: { text } }) => ({ action, ...(JSON.parse(text ?? '') as object) }));
      const shown = { host: 'example.com', events: ['key.leaked'], description: null, enabled: true, disabledReason: null };
      expect(told).toEqual([
        { action: 'webhook.deleted', before: shown, after: null },
        { action: 'webhook.redelivered', before: null, after: { deliveryId } },
        { action: 'webhook.tested', before: null, after: { deliveryId } },
        { action: 'webhook.secret_rotated', before: null, after: { formerSecretEndsAt: expect.any(String) } },
        { action: 'webhook.updated', before: { events: [...WEBHOOK_EVENTS] }, after: { events: ['key.leaked'] } },
        { action: 'webhook.created', before: null, after: { ...shown, events: [...WEBHOOK_EVENTS] } },
      ]);
    });

    test('holds 20 tests of a webhook at most that wait, however many come at once, and takes others once those are over', async () => {
      const [webhook, other] = [await add(), await add()];
      const sent = await Promise.allSettled(Array.from({ length: 30 }, () => send(webhook)));
      const refused = sent.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
      expect(refused).toEqual(Array(10).fill(expect.any(ConflictError)));
      await send(other);
      const [one] = (await claimed()).filter(({ webhookId }) => webhookId === webhook.id);
      if (one === undefined) throw new Error('nothing was due');
      await storage().webhookOutbox.record(one, { ...FAILED, result: 'delivered' });
      await send(webhook);
      await expect(send(webhook)).rejects.toThrow(ConflictError);
    });

    test('meets no fault where one is changed, told of, switched off for its failures and deleted at once', async () => {
      for (let round = 0; round < 10; round++) {
        const webhook = await add();
        for (let n = 0; n < 5; n++) await send(webhook);
        const { webhooks, webhookOutbox, keys } = storage();
        const attempts = await claimed();
        await Promise.all([
          ...attempts.map((one) => webhookOutbox.record(one, FAILED)),
          ...[1, 2, 3].map((n) => webhooks.change(accountId, webhook.id, { description: String(n) }, BY)),
          keys.insert(aKey(accountId), BY),
          webhooks.delete(accountId, webhook.id, BY),
          webhooks.change(accountId, webhook.id, { enabled: false }, BY),
        ]);
        expect(await webhooks.find(accountId, webhook.id)).toBeNull();
      }
    }, 60_000);
  });
}
