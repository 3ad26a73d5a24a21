import { type Key, newId, type NewKey, type WebhookEvent } from '#libs/key-domain';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { aKey, aSecret, aWebhook, anybody, BY, HOUR_MS } from './factories.js';
import type { StorageHarness } from './harness.js';

const DAY_MS = 24 * HOUR_MS;
const NOTICES = ['key.expiring', 'key.rotation_due'] as const;
const REVOCATION = { reason: 'superseded', description: null } as const;

/** A key of a test, in days from now. */
interface Life {
  readonly made: number;
  readonly expires: number | null;
  readonly state?: 'active' | 'disabled' | 'revoked';
}

export function keyNoticesConformance(storage: () => StorageHarness): void {
  describe('KeyNotices', () => {
    let accountId: string;
    beforeEach(async () => {
      accountId = await storage().account();
      await storage().rotateAfter(accountId, 90);
    });

    // Nobody looks for what no webhook wants.
    afterEach(() => storage().forgetWebhooks());

    async function subscribe(events: readonly WebhookEvent[] = NOTICES): Promise<string> {
      return (await storage().webhooks.insert(aWebhook(accountId, { events }), BY)).id;
    }

    async function aged({ made, expires, state = 'active' }: Life, given: Partial<NewKey> = {}): Promise<Key> {
      const expiresAt = expires === null ? null : new Date(Date.now() + expires * DAY_MS);
      const key = await storage().keys.insert(aKey(accountId, { enabled: state !== 'disabled', expiresAt, ...given }), BY);
      const madeAt = new Date(Date.now() + made * DAY_MS);
      await storage().backdate(key.id, { key: madeAt, newestSecret: madeAt });
      if (state === 'revoked') await storage().keys.revoke(accountId, key.id, REVOCATION, BY);
      return key;
    }

    /** As if the last round had begun so many hours ago. */
    async function look(hoursLater = 0, most = 100): Promise<void> {
      await storage().passRounds(hoursLater);
      while (await storage().notices.tellSome({ most, everyMs: HOUR_MS }));
    }

    /** What a webhook is told since it was asked last: of a key how many days before it expires, or 0 where it is due. */
    async function told(webhookId: string): Promise<readonly (readonly [string, unknown])[]> {
      const limits = { most: 10_000, mostOfOne: 10_000, mostOfAccount: 10_000, busy: [], leaseMs: DAY_MS };
      const claimed = (await storage().webhookOutbox.claim(limits)).filter((one) => one.webhookId === webhookId);
      return claimed
        .filter(({ type }) => type === 'key.expiring' || type === 'key.rotation_due')
        .map(({ data }): readonly [string, unknown] => [String(data['id']), data['daysBefore'] ?? 0])
        .sort(([one], [other]) => one.localeCompare(other));
    }

    test.each<[string, Life, number | null]>([
      ['expires in more than 7 days', { made: -30, expires: 7.1 }, null],
      ['expires in less than 7 days', { made: -30, expires: 6.9 }, 7],
      ['expires in little more than a day', { made: -30, expires: 1.1 }, 7],
      ['expires in less than a day', { made: -30, expires: 0.9 }, 1],
      ['expired before anybody wanted to know', { made: -30, expires: -0.1 }, null],
      ['never expires', { made: -30, expires: null }, null],
      ['was given 3 days when it was made', { made: -1, expires: 2 }, null],
      ['was given 3 days, of which the last has begun', { made: -2.1, expires: 0.9 }, 1],
      ['was given less than a day', { made: -0.5, expires: 0.1 }, null],
      ['is disabled', { made: -30, expires: 3, state: 'disabled' }, null],
      ['is revoked', { made: -30, expires: 3, state: 'revoked' }, null],
      ['has a secret that is not too old', { made: -89.9, expires: null }, null],
      ['has too old a secret', { made: -90.1, expires: null }, 0],
      ['has a very old secret', { made: -3_000, expires: 365 }, 0],
      ['has too old a secret and is disabled', { made: -100, expires: null, state: 'disabled' }, null],
      ['has too old a secret and is revoked', { made: -100, expires: null, state: 'revoked' }, null],
      ['has too old a secret and has expired', { made: -100, expires: -1 }, null],
    ])('of a key that %s', async (_, life, days) => {
      const webhook = await subscribe();
      const { id } = await aged(life);
      await look();
      expect(await told(webhook)).toEqual(days === null ? [] : [[id, days]]);
      await look();
      expect(await told(webhook)).toEqual([]);
    });

    test('tell the key and what is due, under ids that are in the order of the keys', async () => {
      const webhook = await subscribe();
      const { id, expiresAt } = await aged({ made: -100, expires: 3 }, { name: 'Checkout', ownerId: 'o' });
      const { id: next } = await aged({ made: -99, expires: 3 });
      await look();
      const limits = { most: 9, mostOfOne: 9, mostOfAccount: 9, busy: [], leaseMs: DAY_MS };
      const mine = (await storage().webhookOutbox.claim(limits)).filter((one) => one.webhookId === webhook);
      const of = (type: string) => mine.filter((one) => one.type === type).sort((one, other) => one.id.localeCompare(other.id));
      const facts = {
        id,
        name: 'Checkout',
        ownerId: 'o',
        environment: 'live',
        lastFour: 'abcd',
        expiresAt: expiresAt?.toISOString(),
      };
      expect(of('key.expiring').map(({ data }) => data)).toEqual([
        { ...facts, daysBefore: 7 },
        expect.objectContaining({ id: next }),
      ]);
      const secretCreatedAt = (await storage().keys.find(accountId, id))?.secrets[0]?.createdAt.toISOString();
      expect(of('key.rotation_due')[0]?.data).toEqual({ ...facts, secretCreatedAt });
      for (const one of mine) expect(one.id).toMatch(/^msg_[0-9a-hjkmnp-tv-z]{26}$/);
    });

    test('come again for another expiry, and 1 day before as well as 7', async () => {
      const webhook = await subscribe(['key.expiring']);
      const { id } = await aged({ made: -30, expires: 6 });
      const move = (days: number) =>
        storage().keys.change(accountId, id, () => ({ expiresAt: new Date(Date.now() + days * DAY_MS) }), BY);
      await look();
      expect(await told(webhook)).toEqual([[id, 7]]);
      await move(5);
      await look();
      expect(await told(webhook)).toEqual([[id, 7]]);
      await move(0.5);
      await look();
      expect(await told(webhook)).toEqual([[id, 1]]);
      await move(30);
      await look();
      expect(await told(webhook)).toEqual([]);
    });

    test('come again for another secret, once that is too old', async () => {
      const webhook = await subscribe(['key.rotation_due']);
      const { id } = await aged({ made: -200, expires: null });
      await look();
      expect(await told(webhook)).toEqual([[id, 0]]);
      await storage().keys.rotate(accountId, id, { secret: aSecret(), graceSeconds: 0, assertMay: () => undefined }, BY);
      await look(25);
      expect(await told(webhook)).toEqual([]);
      await storage().backdate(id, {
        key: new Date(Date.now() - 200 * DAY_MS),
        newestSecret: new Date(Date.now() - 91 * DAY_MS),
      });
      await look(25);
      expect(await told(webhook)).toEqual([[id, 0]]);
    });

    test('of a secret come once, however the policy is changed', async () => {
      const webhook = await subscribe(['key.rotation_due']);
      const { id } = await aged({ made: -50, expires: null });
      const found = [];
      for (const days of [90, 30, 40, null, 45, 90, 30]) {
        await storage().rotateAfter(accountId, days);
        await look();
        found.push((await told(webhook)).length);
      }
      expect([id, found]).toEqual([id, [0, 1, 0, 0, 0, 0, 0]]);
    });

    test('of what came in, or was enabled, when it had long been due come within a day', async () => {
      const webhook = await subscribe(['key.rotation_due']);
      await aged({ made: -95, expires: null });
      await look();
      expect(await told(webhook)).toHaveLength(1);
      const late = await aged({ made: -900, expires: null });
      await look(25);
      expect(await told(webhook)).toEqual([[late.id, 0]]);
    });

    test('of what expired while nobody looked come late, and of nothing that had been told before', async () => {
      const webhook = await subscribe(['key.expiring']);
      await look();
      const unknown = await aged({ made: -30, expires: -2 });
      const before = await aged({ made: -30, expires: -5 });
      await look(72);
      expect(await told(webhook)).toEqual([[unknown.id, 1]]);
      await look();
      expect([before.id, await told(webhook)]).toEqual([before.id, []]);
    });

    test('are for those webhooks that want them; where none does nobody looks, and none is lost', async () => {
      const { id } = await aged({ made: -30, expires: 3 });
      const silent = await subscribe(['key.created']);
      const off = await subscribe();
      await storage().webhooks.change(accountId, off, { enabled: false }, BY);
      await look();
      const [expiring, due] = [await subscribe(['key.expiring']), await subscribe(['key.rotation_due'])];
      const both = await subscribe();
      await look();
      for (const webhook of [silent, off, due]) expect(await told(webhook)).toEqual([]);
      const limits = { most: 99, mostOfOne: 99, mostOfAccount: 99, busy: [], leaseMs: DAY_MS };
      expect(await storage().webhookOutbox.claim(limits)).toEqual([]);
      const sent = await Promise.all(
        [expiring, both].map(async (webhook) => {
          const { deliveries } = await storage().webhooks.deliveries(accountId, webhook, { limit: 9, before: null });
          return deliveries.map(({ id: event, type }) => ({ event, type }));
        }),
      );
      expect(sent[0]).toEqual([{ event: expect.any(String), type: 'key.expiring' }]);
      expect(sent[1]).toEqual(sent[0]);
      for (const webhook of [expiring, both]) await storage().webhooks.change(accountId, webhook, { enabled: false }, BY);
      const later = await aged({ made: -30, expires: 4 });
      await look();
      await storage().webhooks.change(accountId, both, { enabled: true }, BY);
      await look();
      expect([id, await told(both)]).toEqual([id, [[later.id, 7]]]);
    });

    test('are told once by many that look at once, each of every key', async () => {
      const webhook = await subscribe();
      const keys = await Promise.all(Array.from({ length: 60 }, () => aged({ made: -100, expires: 3 })));
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          for (let round = 0; round < 3; round++) await look(0, 7);
        }),
      );
      const all = await told(webhook);
      expect(all.map(([id, days]) => `${id} ${String(days)}`).sort()).toEqual(
        keys.flatMap(({ id }) => [`${id} 0`, `${id} 7`]).sort(),
      );
    }, 60_000);

    test('are of keys that are there: whoever deletes them or their webhook at the same time meets no fault', async () => {
      for (let round = 0; round < 5; round++) {
        const webhook = await subscribe();
        const keys = await Promise.all(Array.from({ length: 8 }, () => aged({ made: -100, expires: 3 })));
        await storage().passRounds(0);
        await Promise.all([
          look(0, 3),
          look(0, 3),
          ...keys.map(({ id }) => storage().keys.delete(accountId, id, REVOCATION, anybody, BY)),
          storage().webhooks.delete(accountId, webhook, BY),
        ]);
        expect(await storage().webhooks.find(accountId, webhook)).toBeNull();
      }
    }, 60_000);

    const life = fc.record({
      // Well away from where a notice becomes due.
      made: fc.integer({ min: -130, max: 0 }).map((days) => days - 0.25),
      expires: fc.option(fc.integer({ min: -9, max: 12 }).map((days) => days + 0.5)),
      state: fc.constantFrom('active', 'active', 'disabled', 'revoked'),
    });
    test('of any keys, looked at by parts of any size, are those that are due', async () => {
      // Long enough for a round through all secrets.
      const away = fc.integer({ min: 25, max: 250 });
      const plan = fc.record({ lives: fc.array(life, { maxLength: 25 }), most: fc.integer({ min: 1, max: 9 }), away });
      await fc.assert(
        fc.asyncProperty(plan, async ({ lives, most, away }) => {
          await storage().forgetWebhooks();
          accountId = await storage().account();
          await storage().rotateAfter(accountId, 90);
          const webhook = await subscribe();
          await look();
          const expected: string[] = [];
          for (const one of lives) {
            const { id } = await aged(one, { id: newId('key') });
            expected.push(...dueOf(one, away / 24 + 0.01).map((days) => `${id} ${days}`));
          }
          await look(away, most);
          await look(0, most);
          expect((await told(webhook)).map(([id, days]) => `${id} ${String(days)}`).sort()).toEqual(expected.sort());
        }),
        { numRuns: 40 },
      );
    }, 120_000);
  });
}

/** What is due of a key where somebody last looked so many days ago, as docs/webhooks.md has it. */
function dueOf({ made, expires, state }: Life, looked: number): number[] {
  if (state !== 'active') return [];
  const due: number[] = [];
  if (made < -90 && (expires === null || expires > 0)) due.push(0);
  if (expires === null || expires > 7 || expires <= -looked) return due;
  const days = expires <= 1 ? 1 : 7;
  if (made < expires - days) due.push(days);
  return due;
}
