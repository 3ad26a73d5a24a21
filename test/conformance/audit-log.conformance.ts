import { type AuditEntry, bySystem, CHAIN_START, type Deed, linkHash, sealDigest } from '#libs/key-domain';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { aKey, anybody, BY } from './factories.js';
import type { StorageHarness } from './harness.js';
import { anImport } from './key-import-store.conformance.js';

const REVOCATION = { reason: 'superseded', description: 'secret words' } as const;

export function auditLogConformance(storage: () => StorageHarness): void {
  const all = (accountId: string) => storage().audit.after(accountId, {}, 0, 1_000);

  /** Each entry's hash is that of what it says and of the one before; the head is the last one's. */
  async function expectWhole(accountId: string): Promise<readonly AuditEntry[]> {
    const entries = await all(accountId);
    let hash = CHAIN_START;
    for (const [index, entry] of entries.entries()) {
      hash = linkHash(hash, { ...entry, change: entry.change.digest, origin: entry.origin.digest });
      expect(entry).toMatchObject({ number: index + 1, accountId });
      expect(Buffer.compare(entry.hash, hash)).toBe(0);
      for (const { text, salt, digest } of [entry.change, entry.origin]) {
        if (text !== null) expect(Buffer.compare(sealDigest(text, salt), digest)).toBe(0);
      }
    }
    const head = await storage().audit.head(accountId);
    expect(head.number).toBe(entries.length);
    expect(Buffer.compare(head.hash, hash)).toBe(0);
    return entries;
  }

  describe('AuditLog', () => {
    let accountId: string;
    beforeEach(async () => {
      accountId = await storage().account();
    });
    const refusal = (id = 'GET /'): Deed => ({
      accountId,
      action: 'request.refused',
      target: { type: 'route', id },
      before: null,
      after: { message: 'no' },
    });

    test('an account in which nothing was done has a chain of no entries', async () => {
      expect(await storage().audit.head(accountId)).toMatchObject({ number: 0, last: 0 });
      expect(await all(accountId)).toEqual([]);
    });

    test('each change of a key is put down once, with who made it, whence, and what differs', async () => {
      const { keys } = storage();
      const key = aKey(accountId, { name: 'first', scopes: ['a:read'] });
      await keys.insert(key, BY);
      await keys.change(accountId, key.id, () => ({ name: 'second', scopes: ['a:read'] }), BY);
      await keys.change(accountId, key.id, () => ({ name: 'second' }), BY);
      await keys.revoke(accountId, key.id, REVOCATION, BY);
      await keys.revoke(accountId, key.id, { reason: 'unspecified', description: null }, BY);
      const entries = await expectWhole(accountId);
      expect(entries.map(({ action, actor, target, requestId }) => ({ action, actor, target, requestId }))).toEqual(
        ['key.created', 'key.updated', 'key.revoked'].map((action) => ({
          action,
          actor: BY.actor,
          target: { type: 'key', id: key.id },
          requestId: BY.requestId,
        })),
      );
      const [created, updated, revoked] = entries.map(({ change }) => JSON.parse(change.text ?? '') as Record<string, unknown>);
      expect(created).toMatchObject({ before: null, after: { name: 'first', scopes: ['a:read'], revokedAt: null } });
      expect(updated).toEqual({ before: { name: 'first' }, after: { name: 'second' } });
      expect(revoked).toMatchObject({ after: { revocationReason: 'superseded', revocationDescription: 'secret words' } });
      expect(JSON.parse(entries[0]?.origin.text ?? '')).toEqual({ address: BY.address, userAgent: BY.userAgent });
    });

    test('no digest of a secret is put down', async () => {
      const key = aKey(accountId);
      await storage().keys.insert(key, BY);
      const digest = Buffer.from(key.secret.digest.digest);
      const told = JSON.stringify(await all(accountId));
      for (const encoding of ['hex', 'base64', 'base64url'] as const) expect(told).not.toContain(digest.toString(encoding));
    });

    test('what is not committed is not put down', async () => {
      const key = aKey(accountId);
      await storage().keys.insert(key, BY);
      await expect(storage().keys.insert({ ...key, name: 'again' }, BY)).rejects.toThrow();
      await storage().keys.revoke(accountId, key.id, REVOCATION, BY);
      await expect(storage().keys.change(accountId, key.id, () => ({ name: 'late' }), BY)).rejects.toThrow();
      expect((await expectWhole(accountId)).map(({ action }) => action)).toEqual(['key.created', 'key.revoked']);
    });

    test('what is put down at once by many is one chain', async () => {
      const { keys, audit } = storage();
      await Promise.all([
        ...Array.from({ length: 20 }, () => keys.insert(aKey(accountId), BY)),
        ...Array.from({ length: 20 }, () => audit.record(refusal(), BY)),
      ]);
      expect(await expectWhole(accountId)).toHaveLength(40);
    });

    test('deleting a key for good erases what was told of its state, and leaves the chain whole', async () => {
      const { keys } = storage();
      const [kept, deleted] = [aKey(accountId, { name: 'kept' }), aKey(accountId, { name: 'deleted-name' })];
      await keys.insert(kept, BY);
      await keys.insert(deleted, BY);
      await keys.eraseDeleted(accountId, deleted.id);
      expect(JSON.stringify(await all(accountId))).toContain('deleted-name');
      await keys.delete(accountId, deleted.id, REVOCATION, anybody, BY);
      await keys.eraseDeleted(accountId, deleted.id);
      await keys.eraseDeleted(accountId, kept.id);
      const entries = await expectWhole(accountId);
      const told = entries.map(({ action, target, change }) => [action, target.id, change.text !== null]);
      expect(told).toEqual([
        ['key.created', kept.id, true],
        ['key.created', deleted.id, false],
        ['key.revoked', deleted.id, false],
        ['key.deleted', deleted.id, false],
      ]);
      expect(JSON.stringify(entries)).not.toMatch(/deleted-name|secret words/);
      expect(JSON.stringify(entries[3])).toContain('192.0.2.7');
    });

    test('entries of a key are those too of what was done to it together with others', async () => {
      const { keys, imports, audit } = storage();
      const imported = ['a', 'b'].map(() => anImport(accountId, { ownerId: 'o' }));
      await imports.importKeys(accountId, imported, true, BY);
      const issued = await keys.insert(aKey(accountId, { ownerId: 'o' }), BY);
      const alone = await keys.insert(aKey(accountId, {}), BY);
      await keys.change(accountId, imported[0]?.id ?? '', () => ({ name: 'changed' }), BY);
      await keys.revokeMatching(accountId, { ownerId: 'o' }, REVOCATION, anybody, BY);
      await keys.revokeMatching(accountId, { ownerId: 'o' }, REVOCATION, anybody, BY);
      await keys.revoke(accountId, alone.id, REVOCATION, BY);
      const actions = async (target = '') => {
        const [page, onward] = [
          await audit.list(accountId, { target }, { limit: 9, before: null }),
          await audit.after(accountId, { target }, 0, 9),
        ];
        expect(page.entries.toReversed()).toEqual(onward);
        return onward.map(({ action }) => action);
      };
      expect(await actions(imported[0]?.id)).toEqual(['keys.imported', 'key.updated', 'keys.revoked']);
      expect(await actions(imported[1]?.id)).toEqual(['keys.imported', 'keys.revoked']);
      expect(await actions(issued.id)).toEqual(['key.created', 'keys.revoked']);
      expect(await actions(alone.id)).toEqual(['key.created', 'key.revoked']);
      expect((await audit.list(await storage().account(), { target: issued.id }, { limit: 9, before: null })).entries).toEqual(
        [],
      );
    });

    test('entries are found by who, what, to what and when, newest first, page by page', async () => {
      const { audit } = storage();
      for (const id of ['a', 'b', 'a']) await audit.record(refusal(id), BY);
      await audit.record(refusal('c'), bySystem('somebody'));
      const numbers = async (filter: Parameters<typeof audit.list>[1], before: number | null = null, limit = 10) => {
        const { entries, hasMore } = await audit.list(accountId, filter, { limit, before });
        return { numbers: entries.map(({ number }) => number), hasMore };
      };
      expect(await numbers({})).toEqual({ numbers: [4, 3, 2, 1], hasMore: false });
      expect(await numbers({}, null, 2)).toEqual({ numbers: [4, 3], hasMore: true });
      expect(await numbers({}, 3, 2)).toEqual({ numbers: [2, 1], hasMore: false });
      expect(await numbers({ target: 'a' })).toEqual({ numbers: [3, 1], hasMore: false });
      expect(await numbers({ actor: 'somebody' })).toEqual({ numbers: [4], hasMore: false });
      expect(await numbers({ action: 'key.created' })).toEqual({ numbers: [], hasMore: false });
      const { at } = (await all(accountId))[2] ?? { at: new Date(NaN) };
      const since = (await numbers({ from: at })).numbers;
      const until = (await numbers({ to: at })).numbers;
      expect(since).toEqual(expect.arrayContaining([4, 3]));
      expect([...since, ...until]).toEqual([4, 3, 2, 1]);
      expect(await numbers({ from: new Date(Date.now() + 3_600_000) })).toEqual({ numbers: [], hasMore: false });
    });

    test('another account’s entries are not among them', async () => {
      await storage().audit.record(refusal(), BY);
      expect(await all(await storage().account())).toEqual([]);
    });
  });
}
