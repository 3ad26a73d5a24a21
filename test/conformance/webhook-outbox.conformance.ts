import { type AttemptOutcome, type ClaimedDelivery, type ClaimLimits, newId, type Webhook } from '#libs/key-domain';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { aKey, aWebhook, BY, HOUR_MS } from './factories.js';
import type { StorageHarness } from './harness.js';

const DELIVERED: AttemptOutcome = {
  ...{ result: 'delivered', retryAfterMs: null, durationMs: 12 },
  ...{ statusCode: 204, error: null, response: '' },
};
const FAILED: AttemptOutcome = { ...DELIVERED, result: 'failed', retryAfterMs: HOUR_MS, statusCode: 500, response: 'no' };
const GIVEN_UP: AttemptOutcome = { ...FAILED, retryAfterMs: null };

export function webhookOutboxConformance(storage: () => StorageHarness): void {
  describe('WebhookOutbox', () => {
    let accountId: string;
    beforeEach(async () => {
      await storage().forgetWebhooks();
      accountId = await storage().account();
    });

    const add = () => storage().webhooks.insert(aWebhook(accountId), BY);
    async function send({ id }: Webhook, count = 1): Promise<string[]> {
      const ids = Array.from({ length: count }, () => newId('msg'));
      for (const one of ids) await storage().webhooks.sendTest(accountId, id, one, BY);
      return ids;
    }
    const claim = (limits: Partial<ClaimLimits> = {}) =>
      storage().webhookOutbox.claim({ most: 100, mostOfOne: 100, mostOfAccount: 100, busy: [], leaseMs: HOUR_MS, ...limits });
    const record = (claimed: ClaimedDelivery, outcome: AttemptOutcome) => storage().webhookOutbox.record(claimed, outcome);
    async function only(): Promise<ClaimedDelivery> {
      const [claimed, ...others] = await claim();
      if (claimed === undefined || others.length > 0) throw new Error('not exactly one is due');
      return claimed;
    }
    const stateOf = async ({ id }: Webhook) => {
      const { deliveries } = await storage().webhooks.deliveries(accountId, id, { limit: 1, before: null });
      return deliveries[0];
    };

    test('gives what is due with all that a request takes', async () => {
      const webhook = await add();
      const key = await storage().keys.insert(aKey(accountId, { name: 'Checkout' }), BY);
      expect(await only()).toEqual({
        ...{ webhookId: webhook.id, id: expect.stringMatching(/^msg_/), type: 'key.created', occurredAt: expect.any(Date) },
        ...{ url: webhook.url, secrets: [{ sealed: expect.any(Buffer), pepperId: 'p1' }], attempt: 1, failures: 0 },
        data: { id: key.id, name: 'Checkout', ownerId: null, environment: 'live', expiresAt: null, lastFour: 'abcd' },
      });
    });

    test('gives everything, and nothing twice, however many ask at once', async () => {
      const webhooks = [await add(), await add(), await add()];
      const sent = (await Promise.all(webhooks.map((webhook) => send(webhook, 20)))).flat();
      const atOnce = await Promise.all(Array.from({ length: 10 }, () => claim({ most: 30, mostOfOne: 20 })));
      // Whoever asks passes over what another has locked, and may have to ask again for it.
      const given = [...atOnce.flat(), ...(await claim())];
      expect(given.map(({ id }) => id).sort()).toEqual(sent.sort());
      expect(await claim()).toEqual([]);
    });

    test('gives a delivery again once its lease has ended', async () => {
      const [id] = await send(await add());
      await claim({ leaseMs: 1_000 });
      expect(await claim()).toEqual([]);
      await sleep(1_100);
      expect(await only()).toMatchObject({ id, attempt: 2 });
    });

    test('gives as many as are asked for, of each webhook as many as one may have, and none of a busy one', async () => {
      const webhooks = [await add(), await add(), await add()];
      for (const webhook of webhooks) await send(webhook, 6);
      const counts = async (limits: Partial<ClaimLimits>) => {
        const claimed = await claim(limits);
        return webhooks.map(({ id }) => claimed.filter(({ webhookId }) => webhookId === id).length);
      };
      expect((await counts({ most: 8, mostOfOne: 3, mostOfAccount: 4 })).reduce((sum, count) => sum + count, 0)).toBe(4);
      const [first = '', second = ''] = webhooks.map(({ id }) => id);
      expect(await counts({ mostOfOne: 2, busy: [first, second] })).toEqual([0, 0, 2]);
      expect(await counts({ mostOfOne: 1 })).toEqual([1, 1, 1]);
    });

    test('gives of all webhooks of an account as many as one account may have, with those that are busy', async () => {
      const webhooks = [await add(), await add(), await add()];
      for (const webhook of webhooks) await send(webhook, 4);
      const mine = webhooks.map(({ id }) => id);
      accountId = await storage().account();
      const other = await add();
      await send(other, 4);
      const first = await claim({ mostOfOne: 2, mostOfAccount: 3 });
      const countOf = (claimed: readonly ClaimedDelivery[], ids: string[]) =>
        claimed.filter(({ webhookId }) => ids.includes(webhookId)).length;
      expect([countOf(first, mine), countOf(first, [other.id])]).toEqual([3, 2]);
      const busy = first.map(({ webhookId }) => webhookId).filter((id) => id !== other.id);
      const second = await claim({ mostOfAccount: 4, busy });
      expect([countOf(second, mine), countOf(second, [other.id])]).toEqual([1, 2]);
      expect(countOf(await claim({ mostOfAccount: 3, busy }), mine)).toBe(0);
    });

    test('gives accounts that are told of much no more than leaves room to others, which get it', async () => {
      const greedy = [];
      for (let account = 0; account < 4; account++) {
        accountId = await storage().account();
        const webhook = await add();
        await send(webhook, 20);
        greedy.push(webhook.id);
      }
      const first = await claim({ most: 64, mostOfAccount: 16 });
      expect(greedy.map((id) => first.filter(({ webhookId }) => webhookId === id).length)).toEqual([13, 13, 13, 13]);
      const later: string[] = [];
      for (let account = 0; account < 12; account++) {
        accountId = await storage().account();
        const webhook = await add();
        await send(webhook, 2);
        later.push(webhook.id);
      }
      const busy = first.map(({ webhookId }) => webhookId);
      const second = await claim({ most: 64 - first.length, mostOfAccount: 16, busy });
      expect(second.map(({ webhookId }) => webhookId).sort()).toEqual(later.sort());
    });

    test('gives one of a webhook of which the last attempt failed, after those of others', async () => {
      const [failing, good] = [await add(), await add()];
      await send(failing);
      await record(await only(), FAILED);
      await send(failing, 5);
      await send(good, 2);
      const claimed = await claim();
      expect(claimed.filter(({ webhookId }) => webhookId === failing.id)).toHaveLength(1);
      expect(claimed.filter(({ webhookId }) => webhookId === good.id)).toHaveLength(2);
      const [one] = claimed.filter(({ webhookId }) => webhookId === failing.id);
      if (one !== undefined) await record(one, DELIVERED);
      expect(await claim()).toHaveLength(4);
    });

    test('keeps each attempt, and when the next one is due', async () => {
      const webhook = await add();
      await send(webhook);
      expect(await record(await only(), { ...FAILED, retryAfterMs: 0 })).toBe(true);
      const second = await only();
      expect(second).toMatchObject({ attempt: 2, failures: 1 });
      await record(second, { ...FAILED, statusCode: null, error: 'timeout', response: null });
      const pending = await stateOf(webhook);
      expect(Math.abs(Number(pending?.nextAttemptAt) - Date.now() - HOUR_MS)).toBeLessThan(30_000);
      expect(pending).toMatchObject({
        status: 'pending',
        attempts: [
          { number: 1, durationMs: 12, statusCode: 500, error: null, response: 'no' },
          { number: 2, durationMs: 12, statusCode: null, error: 'timeout', response: null },
        ],
      });
      await storage().webhooks.redeliver(accountId, webhook.id, second.id, BY);
      const third = await only();
      expect(third).toMatchObject({ attempt: 3, failures: 0 });
      await record(third, DELIVERED);
      expect(await stateOf(webhook)).toMatchObject({ status: 'delivered', nextAttemptAt: null });
    });

    test('keeps nothing of an attempt whose lease ended and that somebody else took', async () => {
      const webhook = await add();
      await send(webhook);
      const [late] = await claim({ leaseMs: 0 });
      const [inTime] = await claim();
      if (late === undefined || inTime === undefined) throw new Error('it was not taken twice');
      expect(await record(late, { ...GIVEN_UP, result: 'gone' })).toBe(false);
      expect(await stateOf(webhook)).toMatchObject({ status: 'pending', attempts: [] });
      await storage().webhookOutbox.release(late);
      expect(await claim()).toEqual([]);
      expect(await record(inTime, DELIVERED)).toBe(true);
      expect(await stateOf(webhook)).toMatchObject({ status: 'delivered', attempts: [{ number: 2 }] });
    });

    test('takes back what was not attempted to its end: it is due at once, and has not failed', async () => {
      const webhook = await add();
      await send(webhook);
      await storage().webhookOutbox.release(await only());
      expect(await only()).toMatchObject({ attempt: 2, failures: 0 });
    });

    test('switches off whoever is gone, and gives up what is on its way there', async () => {
      const webhook = await add();
      await send(webhook, 2);
      const [one, other] = await claim();
      if (one === undefined || other === undefined) throw new Error('not both were due');
      await record(one, { ...GIVEN_UP, result: 'gone', statusCode: 410 });
      expect(await storage().webhooks.find(accountId, webhook.id)).toMatchObject({ enabled: false, disabledReason: 'gone' });
      expect((await stateOf(webhook))?.status).toBe('failed');
      await record(other, FAILED);
      const { entries } = await storage().audit.list(accountId, { target: webhook.id }, { limit: 9, before: null });
      expect(entries.map(({ action, actor }) => [action, actor.id])).toEqual([
        ['webhook.updated', 'webhooks'],
        ...Array<string[]>(2).fill(['webhook.tested', BY.actor.id]),
        ['webhook.created', BY.actor.id],
      ]);
    });

    test('switches off where the fifth delivery on end is given up, and not where one arrived in between', async () => {
      const webhook = await add();
      const outcomes = [...Array<AttemptOutcome>(4).fill(GIVEN_UP), DELIVERED, ...Array<AttemptOutcome>(5).fill(GIVEN_UP)];
      for (const [index, outcome] of outcomes.entries()) {
        expect(await storage().webhooks.find(accountId, webhook.id)).toMatchObject({ enabled: true });
        await send(webhook);
        expect([index, await record(await only(), outcome)]).toEqual([index, true]);
      }
      expect(await storage().webhooks.find(accountId, webhook.id)).toMatchObject({ enabled: false, disabledReason: 'failing' });
    });

    test('counts failures anew once a webhook is switched on', async () => {
      const webhook = await add();
      const fail = async (times: number) => {
        for (let time = 0; time < times; time++) {
          await send(webhook);
          await record(await only(), GIVEN_UP);
        }
      };
      await fail(4);
      for (const enabled of [false, true]) await storage().webhooks.change(accountId, webhook.id, { enabled }, BY);
      await fail(4);
      expect(await storage().webhooks.find(accountId, webhook.id)).toMatchObject({ enabled: true });
    });

    test('forgets what has been over for long enough, and nothing else', async () => {
      const webhook = await add();
      const [over = ''] = await send(webhook);
      await record(await only(), DELIVERED);
      const [waiting = ''] = await send(webhook);
      await record(await only(), FAILED);
      expect(await storage().webhookOutbox.trim(HOUR_MS)).toBe(0);
      expect(await storage().webhookOutbox.trim(0)).toBe(1);
      const { deliveries } = await storage().webhooks.deliveries(accountId, webhook.id, { limit: 9, before: null });
      expect(deliveries.map(({ id }) => id)).toEqual([waiting]);
      expect(deliveries.map(({ id }) => id)).not.toContain(over);
    });
  });
}
