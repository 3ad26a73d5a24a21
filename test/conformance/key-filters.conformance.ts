import { type Key, KEY_STATUSES, type KeyFilter, keyStatus, missingScopes, newId, type NewKey } from '#libs/key-domain';
import { beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { aDigest, aKey, aSecret, anybody, BY, HOUR_MS } from './factories.js';
import type { StorageHarness } from './harness.js';

const DAY_MS = 24 * HOUR_MS;
const REVOCATION = { reason: 'superseded', description: null } as const;

/** What keys of the test are made of, so that every filter has some and leaves some. */
const NAMES = [
  'Billing export',
  'billing',
  'Export of Städte',
  'städte-import',
  'CI: deploy/eu',
  'key',
  'Über_all',
  'a b c',
  '!?',
];
const OWNERS = [null, 'customer-1', 'customer-2', 'billing'];
const SCOPES = [['a:read'], ['a:read:all', 'b:write'], ['a:*'], ['*'], [], ['mintmark:keys:read'], ['b:*', 'a:read']];
const PRODUCTS = ['all', [], ['one'], ['two', 'one']] as const;
const ENVIRONMENTS = ['live', 'test', null];
const LAST_FOURS = ['abcd', 'ABCD', 'wxyz', null];
/** Days ago; the middle ones are about where a rotation is due, and where months begin. */
const AGES = [0, 1, 20, 45, 89, 91, 120, 400];
/** Days from now. */
const LIFETIMES = [null, null, -300, -40, -1, 1, 40, 700];

const KEYS = 150;

export function keyFiltersConformance(storage: () => StorageHarness): void {
  describe('the filters of KeyStore.list', () => {
    let accountId: string;
    let all: readonly Key[];
    const now = Date.now();

    beforeAll(async () => {
      accountId = await storage().account();
      const strangers = await storage().account();
      for (let n = 0; n < KEYS; n++) await makeKey(storage(), n % 10 === 9 ? strangers : accountId, n, now);
      const page = await storage().keys.list(accountId, {}, { limit: KEYS, before: null });
      all = page.keys;
    }, 60_000);

    /** Walks through all pages. */
    async function listed(filter: KeyFilter, limit: number): Promise<string[]> {
      const ids: string[] = [];
      for (let before: string | null = null, more = true; more;) {
        const { keys, hasMore } = await storage().keys.list(accountId, filter, { limit, before });
        ids.push(...keys.map(({ id }) => id));
        before = ids.at(-1) ?? null;
        more = hasMore;
      }
      return ids;
    }
    const expected = (filter: KeyFilter) => all.filter((key) => matches(key, filter, now)).map(({ id }) => id);

    test('a page tells by which moment its filter was judged, while one key after the other expires', async () => {
      const { keys } = storage();
      const account = await storage().account();
      const first = (await keys.now()).getTime() + 1_500;
      const ends = Array.from({ length: 60 }, (_, index) => new Date(first + index * 3));
      await Promise.all(ends.map((expiresAt) => keys.insert(aKey(account, { expiresAt }), BY)));
      for (let left = ends.length; left > 0;) {
        const active = await keys.list(account, { status: 'active' }, { limit: 100, before: null });
        const expired = await keys.list(account, { status: 'expired' }, { limit: 100, before: null });
        expect(active.keys.filter((key) => keyStatus(key, active.now) !== 'active')).toEqual([]);
        expect(active.keys).toHaveLength(ends.filter((end) => end > active.now).length);
        expect(expired.keys.filter((key) => keyStatus(key, expired.now) !== 'expired')).toEqual([]);
        left = active.keys.length;
      }
    });

    const one = (filter: KeyFilter) => [JSON.stringify(filter), filter] as const;
    test.each([
      ...KEY_STATUSES.map((status) => one({ status })),
      ...ENVIRONMENTS.map((environment) => one({ environment: environment ?? 'none' })),
      one({ ownerId: 'customer-1' }),
      ...['one', 'two', 'three'].map((productId) => one({ productId })),
      ...['a:read', 'a:read:all', 'a:*', '*', 'b:write', 'c:read', 'mintmark:keys:read'].map((scope) => one({ scope })),
      ...[
        'bil',
        'export BILL',
        'städte',
        'STÄDTE',
        'eu ci',
        'ü',
        'xport',
        '!',
        'customer-2',
        'Customer-2',
        'abcd',
        'wxyz',
        'billing',
      ].map((search) => one({ search })),
      ...[-1000, -41, -0.5, 0.5, 39, 1000].map((days) => one({ expiresBefore: new Date(now + days * DAY_MS) })),
      ...[-1000, -100, -91, -19.5, -0.1, 1].map((days) => one({ unusedSince: new Date(now + days * DAY_MS) })),
      one({ rotationDue: true }),
      one({ rotationDue: false }),
    ])('%s leaves exactly the keys for which it holds, newest first', async (_, filter) => {
      expect(await listed(filter, 7)).toEqual(expected(filter));
    });

    test('there is something to leave out, and something to leave, for each kind', () => {
      for (const filter of [
        { status: 'expired' },
        { rotationDue: true },
        { search: 'bil' },
        { productId: 'one' },
        { scope: 'a:read' },
      ] as const) {
        const left = expected(filter).length;
        expect(left > 7 && left < all.length).toBe(true);
      }
    });

    test('any of them together leave the keys for which all hold', async () => {
      const some = <T>(...values: T[]) => fc.constantFrom(...values);
      const days = fc.integer({ min: -420, max: 720 }).map((n) => new Date(now + (n + 0.5) * DAY_MS));
      const filters = fc.record(
        {
          status: some(...KEY_STATUSES),
          environment: some('live', 'test'),
          ownerId: some('customer-1', 'customer-2', 'billing'),
          productId: some('one', 'two'),
          scope: some('a:read', 'b:write', 'a:*'),
          search: some('b', 'export', 'billing', 'a', 'abcd'),
          expiresBefore: days,
          unusedSince: days,
          rotationDue: fc.boolean(),
        },
        { requiredKeys: [] },
      );
      await fc.assert(
        fc.asyncProperty(filters, fc.integer({ min: 1, max: 20 }), async (filter, limit) => {
          expect(await listed(filter, limit)).toEqual(expected(filter));
        }),
        { numRuns: 120 },
      );
    }, 120_000);

    test('a key is listed by what it is, no longer by what it was', async () => {
      const account = await storage().account();
      const { keys } = storage();
      const { id } = await keys.insert(aKey(account, { name: 'old words', scopes: ['a:read'], products: ['one'] }), BY);
      const found = async (filter: KeyFilter) =>
        (await keys.list(account, filter, { limit: 9, before: null })).keys.map((key) => key.id);
      await keys.change(account, id, () => ({ name: 'new words', scopes: ['b:read', 'c:*'], products: 'all' }), BY);
      for (const filter of [{ search: 'old' }, { scope: 'a:read' }]) expect(await found(filter)).toEqual([]);
      for (const filter of [{ search: 'new' }, { search: 'words' }, { scope: 'c:any' }, { productId: 'any' }])
        expect(await found(filter)).toEqual([id]);
      await keys.delete(account, id, REVOCATION, anybody, BY);
      for (const filter of [{ search: 'words' }, { scope: 'c:any' }, { productId: 'any' }])
        expect(await found(filter)).toEqual([]);
    });

    test('rotation is due by the policy of the account', async () => {
      const due = async () => [
        (await listed({ rotationDue: true }, 50)).length,
        (await listed({ rotationDue: false }, 50)).length,
      ];
      const older = (days: number) =>
        all.filter(({ secrets: [newest] }) => (newest?.createdAt.getTime() ?? 0) < now - days * DAY_MS);
      await storage().rotateAfter(accountId, 300);
      expect(await due()).toEqual([older(300).length, all.length - older(300).length]);
      for (const never of [null, 2_147_483_647]) {
        await storage().rotateAfter(accountId, never);
        expect(await due()).toEqual([0, all.length]);
      }
      await storage().rotateAfter(accountId, 90);
    });

    test('a beginning of a hundred different words finds all of them', async () => {
      const account = await storage().account();
      const ids: string[] = [];
      for (let n = 0; n < 100; n++) ids.unshift((await storage().keys.insert(aKey(account, { name: `robot${n}` }), BY)).id);
      const { keys } = await storage().keys.list(account, { search: 'robot' }, { limit: 200, before: null });
      expect(keys.map(({ id }) => id)).toEqual(ids);
    });
  });
}

/** What the filter means, told once more. */
function matches(key: Key, filter: KeyFilter, now: number): boolean {
  const { status, environment, ownerId, productId, scope, search, expiresBefore, unusedSince, rotationDue } = filter;
  return (
    (status === undefined || keyStatus(key, new Date(now)) === status) &&
    (environment === undefined || key.environment === environment) &&
    (ownerId === undefined || key.ownerId === ownerId) &&
    (productId === undefined || key.products === 'all' || key.products.includes(productId)) &&
    (scope === undefined || missingScopes(key.scopes, [scope]).length === 0) &&
    (search === undefined || isFound(key, search)) &&
    (expiresBefore === undefined || (key.expiresAt !== null && key.expiresAt < expiresBefore)) &&
    (unusedSince === undefined ||
      (key.createdAt < unusedSince && key.secrets.every(({ lastUsedAt }) => lastUsedAt === null || lastUsedAt < unusedSince))) &&
    (rotationDue === undefined || (key.secrets[0]?.createdAt.getTime() ?? 0) < now - 90 * DAY_MS === rotationDue)
  );
}

function isFound(key: Key, search: string): boolean {
  const words = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const named = words(key.name);
  const asked = words(search);
  const inName = asked.length > 0 && asked.every((word) => named.some((name) => name.startsWith(word)));
  return inName || key.ownerId === search || key.secrets.some(({ lastFour }) => lastFour === search);
}

/** A key that differs from its neighbours in everything, spread by primes. Its age is not that of its id, as if it were imported. */
async function makeKey({ keys, upkeep, ...storage }: StorageHarness, accountId: string, n: number, now: number): Promise<void> {
  const of = <T>(values: readonly T[], prime: number) => values[(n * prime + Math.floor(n / values.length)) % values.length] as T;
  const [age, lifetime] = [of(AGES, 3), of(LIFETIMES, 5)];
  const made = new Date(now - age * DAY_MS - n * 1000);
  const key: NewKey = aKey(accountId, {
    name: of(NAMES, 2),
    ownerId: of(OWNERS, 3),
    scopes: of(SCOPES, 3),
    products: of(PRODUCTS, 1),
    environment: of(ENVIRONMENTS, 2),
    enabled: n % 7 !== 0,
    expiresAt: lifetime === null ? null : new Date(now + lifetime * DAY_MS),
    secret: { ...aSecret(), lastFour: of(LAST_FOURS, 1) },
  });
  await keys.insert(key, BY);
  const use = async (secretId: string, daysAgo: number) =>
    upkeep.recordUses([{ secretId, keyId: key.id, at: new Date(now - daysAgo * DAY_MS) }]);
  let newest = made;
  if (n % 3 !== 0) await use(key.secret.id, Math.max(0.01, age - (n % 90)));
  if (n % 6 === 1) {
    newest = new Date(now - (age / 2) * DAY_MS);
    const id = newId('sec');
    await storage.addSecret({ id, accountId, keyId: key.id, ...aDigest(), endsAt: null, imported: false });
    await storage.endSecret(n % 5 === 2 ? id : key.secret.id, new Date(now + HOUR_MS));
    if (n % 4 === 1) await use(id, age / 3);
  }
  await storage.backdate(key.id, { key: made, newestSecret: newest });
  if (n % 11 === 3) await keys.revoke(accountId, key.id, REVOCATION, BY);
}
