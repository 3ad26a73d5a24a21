import { type KeyLimits, limitsOf, type Quota } from '#libs/key-domain';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { aKey, aWebhook, BY, HOUR_MS } from './factories.js';
import type { StorageHarness } from './harness.js';

const EVENT = 'key.quota_exhausted';
const ONE: Quota = { remaining: 1, refill: null };
const REVOCATION = { reason: 'superseded', description: null } as const;

export function quotaNoticesConformance(storage: () => StorageHarness): void {
  describe('QuotaNotices', () => {
    let accountId: string;
    beforeEach(async () => {
      await storage().forgetWebhooks(); // what is on its way to others is not to be asked for
      accountId = await storage().account();
    });
    afterEach(() => storage().forgetWebhooks());

    const subscribe = async (id = accountId) => (await storage().webhooks.insert(aWebhook(id, { events: [EVENT] }), BY)).id;
    const limits = (quota: Quota): KeyLimits => limitsOf([], quota) ?? { rateLimits: [], quota: null };

    async function insert(quota: Quota = ONE, account = accountId): Promise<string> {
      return (await storage().keys.insert(aKey(account, { name: 'Checkout', ownerId: 'o', quota }), BY)).id;
    }
    /** A request that is let in where its credits are there. */
    const use = (keyId: string, quota: Quota = ONE, cost = 1) =>
      storage().ledger.take([
        { keyId, limits: limits(quota), cost, admits: ({ credits }) => credits === null || credits >= cost },
      ]);
    async function exhausted(quota: Quota = ONE, account = accountId): Promise<string> {
      const keyId = await insert(quota, account);
      await use(keyId, quota);
      return keyId;
    }
    const tellAll = async (most = 100) => {
      for (let told = 1; told > 0;) told = await storage().quotaNotices.tell(accountId, most);
    };
    async function told(webhookId: string) {
      const limit = { most: 10_000, mostOfOne: 10_000, mostOfAccount: 10_000, busy: [], leaseMs: HOUR_MS };
      return (await storage().webhookOutbox.claim(limit)).filter((one) => one.webhookId === webhookId);
    }
    const keysTold = async (webhookId: string) => (await told(webhookId)).map(({ data }) => data['id']);

    test('tell of a key that was used up: which, when, what is left and when there will be more', async () => {
      const webhook = await subscribe();
      const refilled = { remaining: 5, refill: { amount: 5, interval: 'month' } } as const;
      const [used, asked] = [await exhausted(), await insert(refilled)];
      const before = (await storage().keys.now()).getTime();
      await use(asked, refilled, 6);
      await tellAll();
      const events = await told(webhook);
      const facts = { name: 'Checkout', ownerId: 'o', environment: 'live', lastFour: 'abcd', expiresAt: null };
      expect(events.map(({ type, data }) => [type, data])).toEqual([
        [EVENT, { id: used, ...facts, quota: { remaining: 0, refillsAt: null } }],
        [
          EVENT,
          { id: asked, ...facts, quota: { remaining: 5, refillsAt: expect.stringMatching(/^\d{4}-\d\d-01T00:00:00.000Z$/) } },
        ],
      ]);
      const at = events[1]?.occurredAt.getTime() ?? 0;
      expect(at).toBeGreaterThanOrEqual(before - 1);
      expect(at).toBeLessThanOrEqual((await storage().keys.now()).getTime());
    });

    test('once, however often it is asked for in vain, and again when it is used up after there were more credits', async () => {
      const webhook = await subscribe();
      const keyId = await exhausted();
      const refilled = { remaining: 1, refill: { amount: 1, interval: 'day' } } as const;
      await tellAll();
      expect(await keysTold(webhook)).toEqual([keyId]);
      for (let times = 0; times < 3; times += 1) await use(keyId);
      await tellAll();
      expect(await keysTold(webhook)).toEqual([]);

      await storage().keys.change(accountId, keyId, () => ({ quota: refilled }), BY);
      await tellAll();
      expect(await keysTold(webhook)).toEqual([]);
      await use(keyId, refilled);
      await tellAll();
      expect(await keysTold(webhook)).toEqual([keyId]);

      await storage().countedEarlier(keyId, 24);
      await use(keyId, refilled);
      await tellAll();
      expect(await keysTold(webhook)).toEqual([keyId]);
    });

    test('nobody of a key that has credits again, is revoked, or lost its quota', async () => {
      const webhook = await subscribe();
      const [set, revoked, freed] = [await exhausted(), await exhausted(), await exhausted()];
      await storage().keys.change(accountId, set, () => ({ quota: ONE }), BY);
      await storage().keys.revoke(accountId, revoked, REVOCATION, BY);
      await storage().keys.change(accountId, freed, () => ({ quota: null }), BY);
      await tellAll();
      expect(await keysTold(webhook)).toEqual([]);
      expect(await storage().quotaNotices.accountToTell([])).not.toBe(accountId);
    });

    test('nobody of a key that was refilled before anybody looked, until it is used up again', async () => {
      const refilled = { remaining: 1, refill: { amount: 1, interval: 'day' } } as const;
      const [webhook, keyId] = [await subscribe(), await exhausted(refilled)];
      await storage().countedEarlier(keyId, 24);
      await tellAll();
      expect(await keysTold(webhook)).toEqual([]);
      await use(keyId, refilled);
      await tellAll();
      expect(await keysTold(webhook)).toEqual([keyId]);
    });

    test('those that were used up before anybody wanted to know are not told of later', async () => {
      await exhausted();
      expect(await storage().quotaNotices.tell(accountId, 100)).toBe(1);
      const webhook = await subscribe();
      await tellAll();
      expect(await keysTold(webhook)).toEqual([]);
    });

    test('the account whose key waits longest comes first, and those that are passed over do not', async () => {
      const other = await storage().account();
      for (let id: string | null = accountId; id !== null; id = await storage().quotaNotices.accountToTell([]))
        await storage().quotaNotices.tell(id, 1_000);
      for (let keys = 0; keys < 3; keys += 1) await exhausted();
      await exhausted(ONE, other);
      const turns: string[] = [];
      for (const passedOver of [[], [accountId], [accountId, other]])
        turns.push((await storage().quotaNotices.accountToTell(passedOver)) ?? 'none');
      expect(turns).toEqual([accountId, other, 'none']);
      expect([await storage().quotaNotices.tell(accountId, 2), await storage().quotaNotices.tell(accountId, 2)]).toEqual([2, 1]);
      expect(await storage().quotaNotices.accountToTell([])).toBe(other);
      await storage().quotaNotices.tell(other, 1);
      expect(await storage().quotaNotices.accountToTell([])).toBeNull();
    });

    test('many who look at once tell each key once, each of its webhooks, and no other account’s', async () => {
      const [webhooks, foreign] = [[await subscribe(), await subscribe()], await subscribe(await storage().account())];
      const keys: string[] = [];
      for (let count = 0; count < 30; count += 1) keys.push(await exhausted());
      await Promise.all(Array.from({ length: 10 }, () => storage().quotaNotices.tell(accountId, 7)));
      await tellAll();
      const limit = { most: 10_000, mostOfOne: 10_000, mostOfAccount: 10_000, busy: [], leaseMs: HOUR_MS };
      const events = await storage().webhookOutbox.claim(limit);
      for (const webhook of webhooks)
        expect(events.flatMap(({ webhookId, data }) => (webhookId === webhook ? [data['id']] : [])).sort()).toEqual(
          keys.toSorted(),
        );
      expect(events.filter(({ webhookId }) => webhookId === foreign)).toEqual([]);
      expect(new Set(events.map(({ id }) => id)).size).toBe(30);
    });
  });
}
