import { ForbiddenError, MATCHING_SAMPLE, MAX_RECORDED_IDS } from '#libs/key-domain';
import { describe, expect, test } from '@jest/globals';
import { createHash } from 'node:crypto';
import { aKey, aWebhook, BY } from './factories.js';
import type { StorageHarness } from './harness.js';

const REVOCATION = { reason: 'key_compromise', description: 'a stolen laptop' } as const;
const ANYBODY = () => undefined;

export function keysMatchingConformance(storage: () => StorageHarness): void {
  describe('the keys that a filter leaves, of KeyStore', () => {
    const change = async (accountId: string) => {
      const { entries } = await storage().audit.list(accountId, { action: 'keys.revoked' }, { limit: 9, before: null });
      return entries.map(({ change: { text } }) => (JSON.parse(text ?? '') as { readonly after: object }).after);
    };

    test('are revoked together, the others stay, and one entry and one change of the account tell of it', async () => {
      const accountId = await storage().account();
      const { keys } = storage();
      const made = [];
      for (let n = 0; n < 6; n++) made.push((await keys.insert(aKey(accountId, { ownerId: n < 4 ? 'o' : 'p' }), BY)).id);
      const [before = ''] = made;
      const first = await keys.revoke(accountId, before, { reason: 'superseded', description: null }, BY);
      const mine = made.slice(1, 4);

      const preview = await keys.matching(accountId, { ownerId: 'o' });
      expect(preview).toEqual({ matched: 4, unrevoked: 3, sample: mine.toReversed(), mintmarkScopes: [] });
      const { change: noted, ...revoked } = await keys.revokeMatching(accountId, { ownerId: 'o' }, REVOCATION, ANYBODY, BY);
      expect(revoked).toEqual({ matched: 4, revoked: 3 });
      expect(noted.scope).toEqual({ kind: 'account', accountId });
      expect((await storage().places()).at(-1)).toBe(noted.place);

      expect(await keys.find(accountId, before)).toEqual(first?.key);
      for (const id of mine) {
        const { reason, description } = REVOCATION;
        expect(await keys.find(accountId, id)).toMatchObject({ revocationReason: reason, revocationDescription: description });
      }
      const left = await keys.list(accountId, { status: 'active' }, { limit: 9, before: null });
      expect(left.keys.map(({ id }) => id)).toEqual(made.slice(4).toReversed());
      expect(await change(accountId)).toEqual([
        {
          filter: { ownerId: 'o' },
          revocationReason: REVOCATION.reason,
          revocationDescription: REVOCATION.description,
          revoked: 3,
          ids: mine,
        },
      ]);
    });

    test('of another account are not touched, whatever the filter', async () => {
      const [accountId, strangers] = [await storage().account(), await storage().account()];
      const key = await storage().keys.insert(aKey(strangers), BY);
      expect(await storage().keys.revokeMatching(accountId, {}, REVOCATION, ANYBODY, BY)).toMatchObject({
        matched: 0,
        revoked: 0,
      });
      expect(await storage().keys.find(strangers, key.id)).toEqual(key);
    });

    test('are not revoked where the scopes of Mintmark that they hold are refused', async () => {
      const accountId = await storage().account();
      const { keys } = storage();
      const plain = await keys.insert(aKey(accountId, { scopes: ['a:read'] }), BY);
      await keys.insert(aKey(accountId, { scopes: ['mintmark:keys:read', 'a:read'] }), BY);
      const asked: string[][] = [];
      const refuse = (scopes: readonly string[]) => {
        asked.push([...scopes]);
        throw new ForbiddenError('no');
      };
      await expect(keys.revokeMatching(accountId, { scope: 'a:read' }, REVOCATION, refuse, BY)).rejects.toThrow(ForbiddenError);
      expect(asked).toEqual([['mintmark:keys:read']]);
      expect((await keys.matching(accountId, { scope: 'a:read' })).mintmarkScopes).toEqual(['mintmark:keys:read']);
      expect(await keys.find(accountId, plain.id)).toEqual(plain);
      expect(await change(accountId)).toEqual([]);
    });

    test('are revoked once by two at once', async () => {
      const accountId = await storage().account();
      await storage().manyKeys(accountId, 300);
      const both = await Promise.all(
        [{ scope: 'a:read' }, { search: 'many' }].map((filter) =>
          storage().keys.revokeMatching(accountId, filter, REVOCATION, ANYBODY, BY),
        ),
      );
      expect(both.reduce((sum, { revoked }) => sum + revoked, 0)).toBe(300);
    });

    test('may be a hundred thousand: their number and the digest of their ids are put down, and each is told', async () => {
      const accountId = await storage().account();
      const count = 100_000;
      expect(count).toBeGreaterThan(MAX_RECORDED_IDS);
      await storage().manyKeys(accountId, count);
      const ids = Array.from({ length: count }, (_, n) => `${accountId}_${n + 1}`).sort();
      const { matched, unrevoked, sample } = await storage().keys.matching(accountId, { search: 'many' });
      expect([matched, unrevoked, sample]).toEqual([count, count, ids.toReversed().slice(0, MATCHING_SAMPLE)]);
      const webhook = await storage().webhooks.insert(aWebhook(accountId, { events: ['key.revoked'] }), BY);
      const revoked = await storage().keys.revokeMatching(accountId, { search: 'many' }, REVOCATION, ANYBODY, BY);
      expect(revoked).toMatchObject({ matched: count, revoked: count });
      const told = new Set<string>();
      for (let before: string | null = null, more = true; more;) {
        const page = await storage().webhooks.deliveries(accountId, webhook.id, { limit: 200, before });
        for (const { id } of page.deliveries) told.add(id);
        before = page.deliveries.at(-1)?.id ?? null;
        more = page.hasMore;
      }
      expect(told.size).toBe(count);
      const digest = createHash('sha256').update(ids.join(',')).digest('hex');
      expect(await change(accountId)).toEqual([expect.objectContaining({ revoked: count, digest })]);
      expect(await storage().keys.matching(accountId, { status: 'active' })).toMatchObject({ matched: 0 });
    }, 120_000);
  });
}
