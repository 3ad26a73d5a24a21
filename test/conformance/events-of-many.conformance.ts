import { type ClaimedDelivery, ForbiddenError, type ImportedKey, type WebhookEvent } from '#libs/key-domain';
import { describe, expect, test } from '@jest/globals';
import { aKey, aWebhook, BY } from './factories.js';
import type { StorageHarness } from './harness.js';

const REVOCATION = { reason: 'key_compromise', description: 'a stolen laptop' } as const;
const ANYBODY = () => undefined;
const DAY_MS = 86_400_000;

export function eventsOfManyConformance(storage: () => StorageHarness): void {
  describe('what webhooks are told of many keys at once', () => {
    async function subscribe(accountId: string, events: readonly WebhookEvent[]): Promise<string> {
      return (await storage().webhooks.insert(aWebhook(accountId, { events }), BY)).id;
    }

    /** What is on its way to a webhook, in the order of ids. */
    async function told(webhookId: string): Promise<readonly ClaimedDelivery[]> {
      const limits = { most: 1_000, mostOfOne: 1_000, mostOfAccount: 1_000, busy: [], leaseMs: DAY_MS };
      const claimed = await storage().webhookOutbox.claim(limits);
      for (const one of claimed) if (one.webhookId !== webhookId) await storage().webhookOutbox.release(one);
      return claimed.filter((one) => one.webhookId === webhookId).sort((one, other) => (one.id < other.id ? -1 : 1));
    }

    const revokeAll = (accountId: string, assertMay: () => void = ANYBODY) =>
      storage().keys.revokeMatching(accountId, { ownerId: 'o' }, REVOCATION, assertMay, BY);

    test('is a revocation of each that was revoked, the same to all that want it, at the time that is put down', async () => {
      const accountId = await storage().account();
      const made = [];
      for (let n = 0; n < 4; n++) made.push(await storage().keys.insert(aKey(accountId, { ownerId: 'o', name: `key ${n}` }), BY));
      const [former = '', ...ids] = made.map(({ id }) => id);
      await storage().keys.revoke(accountId, former, REVOCATION, BY);
      const [one, other, silent] = [
        await subscribe(accountId, ['key.revoked']),
        await subscribe(accountId, ['key.created', 'key.revoked']),
        await subscribe(accountId, ['key.created']),
      ];
      await revokeAll(accountId);
      const events = await told(one);
      const facts = { ownerId: 'o', environment: 'live', expiresAt: null, lastFour: 'abcd', reason: 'key_compromise' };
      expect(events.map(({ type, data }) => ({ type, data }))).toEqual(
        ids.map((id, n) => ({ type: 'key.revoked', data: { id, name: `key ${n + 1}`, ...facts } })),
      );
      expect((await told(other)).map(({ id, data }) => [id, data])).toEqual(events.map(({ id, data }) => [id, data]));
      expect(await told(silent)).toEqual([]);
      const { entries } = await storage().audit.list(accountId, { action: 'keys.revoked' }, { limit: 1, before: null });
      for (const { occurredAt } of events) {
        expect(Number(occurredAt)).toBeLessThanOrEqual(Number(entries[0]?.at));
        expect(Number(occurredAt)).toBeGreaterThan(Number(entries[0]?.at) - 5_000);
      }
    });

    test('is nothing of a revocation that was refused', async () => {
      const accountId = await storage().account();
      await storage().keys.insert(aKey(accountId, { ownerId: 'o' }), BY);
      const webhook = await subscribe(accountId, ['key.revoked']);
      const refuse = () => {
        throw new ForbiddenError('no');
      };
      await expect(revokeAll(accountId, refuse)).rejects.toThrow(ForbiddenError);
      expect(await told(webhook)).toEqual([]);
    });

    test('is each of them once, where they are revoked by many at once, and one by one too', async () => {
      const accountId = await storage().account();
      const keys = [];
      for (let n = 0; n < 40; n++) keys.push(await storage().keys.insert(aKey(accountId, { ownerId: 'o' }), BY));
      const webhook = await subscribe(accountId, ['key.revoked']);
      await Promise.all([
        ...Array.from({ length: 5 }, () => revokeAll(accountId)),
        ...keys.map(({ id }) => storage().keys.revoke(accountId, id, REVOCATION, BY)),
      ]);
      const ids = (await told(webhook)).map(({ data }) => String(data['id']));
      expect(ids.sort()).toEqual(keys.map(({ id }) => id).sort());
    });

    test('reaches no webhook that is deleted meanwhile, and holds nobody up', async () => {
      for (let round = 0; round < 10; round++) {
        const accountId = await storage().account();
        await storage().keys.insert(aKey(accountId, { ownerId: 'o' }), BY);
        const [webhook, other] = [await subscribe(accountId, ['key.revoked']), await subscribe(accountId, ['key.revoked'])];
        await Promise.all([revokeAll(accountId), storage().webhooks.delete(accountId, webhook, BY), revokeAll(accountId)]);
        expect(await told(other)).toHaveLength(1);
        expect(await storage().webhooks.find(accountId, webhook)).toBeNull();
      }
    });

    test('is a creation of each that an import brought in, and of none that was there', async () => {
      const accountId = await storage().account();
      const webhook = await subscribe(accountId, ['key.created']);
      const imported = (given: Partial<ImportedKey>): ImportedKey => {
        const key = aKey(accountId, given);
        return { ...key, createdAt: null, lineKey: null, digests: [key.secret.digest], ...given };
      };
      const [first, second, third] = [imported({ name: 'one' }), imported({ name: 'two' }), imported({ name: 'three' })];
      await storage().imports.importKeys(accountId, [first, second, second], false, BY);
      const events = await told(webhook);
      expect(events.map(({ type, data }) => [type, data['id'], data['name']])).toEqual([
        ['key.created', first.id, 'one'],
        ['key.created', second.id, 'two'],
      ]);
      const { entries } = await storage().audit.list(accountId, { action: 'keys.imported' }, { limit: 1, before: null });
      expect(events.map(({ occurredAt }) => occurredAt)).toEqual([entries[0]?.at, entries[0]?.at]);
      await storage().imports.importKeys(accountId, [first, third], false, BY);
      expect((await told(webhook)).map(({ data }) => data['name'])).toEqual(['three']);
    });
  });
}
