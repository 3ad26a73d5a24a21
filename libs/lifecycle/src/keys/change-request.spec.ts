import { describe, expect, test } from '@jest/globals';
import { ANY_SCOPES, InvalidRequestError, type Key, type Policy } from '#libs/key-domain';
import { type ChangeRequest, planChanges } from './change-request.js';
import { terms } from './terms.fixture.js';

const NOW = new Date('2026-01-01T00:00:00Z');
const LATER = new Date('2026-06-01T00:00:00Z');

const VERIFY = 'mintmark:tokens:verify';
const DAILY = { amount: 9, interval: 'day' } as const;
const HOURLY = { name: 'hourly', limit: 10, windowSeconds: 3_600 };

/** Breaks every rule that there can be. */
const KEY: Key = {
  ...{ id: 'key_1', accountId: 'acc_1', name: 'a key', environment: 'live', format: 'default', ownerId: null, metadata: {} },
  ...{ scopes: ['b:read', 'gone:for-good'], products: [], allowedCidrs: [], enabled: true, expiresAt: null, secrets: [] },
  ...{ rateLimits: [], quota: null },
  ...{ createdAt: NOW, createdBy: { type: 'person', id: 'usr_1' } },
  ...{ revokedAt: null, revocationReason: null, revocationDescription: null },
};

function pathsOf(request: ChangeRequest, policy: Partial<Policy> = {}, key = KEY): string[] {
  try {
    planChanges(request, key, terms({ policy, grantor: 'developer', now: NOW }));
  } catch (error) {
    if (error instanceof InvalidRequestError) return error.faults.map(({ path }) => path);
    throw error;
  }
  return [];
}

describe('what is changed', () => {
  test.each<[string, ChangeRequest, object]>([
    ['nothing where nothing is asked', {}, {}],
    ['what is asked and nothing else', { name: 'new', enabled: false }, { name: 'new', enabled: false }],
    ['scopes without the products', { scopes: ['a:read', 'a:read'] }, { scopes: ['a:read'] }],
    ['no scope at all', { scopes: [] }, { scopes: [] }],
    ['products without the scopes', { products: ['p', 'p'] }, { products: ['p'] }],
    ['products by their scope', { scopes: ['a:read', 'products:all'] }, { scopes: ['a:read'], products: 'all' }],
    ['products taken away by their scope', { scopes: ['products:specific'] }, { scopes: [], products: [] }],
    ['a quota, which has no refill where it names none', { quota: { remaining: 7 } }, { quota: { remaining: 7, refill: null } }],
    ['a quota with its refill', { quota: { remaining: 7, refill: DAILY } }, { quota: { remaining: 7, refill: DAILY } }],
    ['limits taken away', { rateLimits: [], quota: null }, { rateLimits: [], quota: null }],
    ['rate limits without the quota', { rateLimits: [HOURLY] }, { rateLimits: [HOURLY] }],
    ['an expiry', { expiresAt: LATER }, { expiresAt: LATER }],
    ['an expiry taken away', { expiresAt: null }, { expiresAt: null }],
    ['address ranges, each once', { allowedCidrs: ['10.0.0.0/8', '10.0.0.0/8'] }, { allowedCidrs: ['10.0.0.0/8'] }],
  ])('%s', (_, request, changes) => {
    expect(planChanges(request, KEY, terms({ now: NOW }))).toEqual(changes);
  });
});

describe('what is refused, and where', () => {
  test.each<[string, ChangeRequest, string[]]>([
    ['what is no scope', { scopes: ['a:read', 'nonsense'] }, ['scopes.1']],
    ['a scope that the catalogue lacks', { scopes: ['a:read', 'a:none'] }, ['scopes.1']],
    ['rate limits of one name', { rateLimits: [HOURLY, HOURLY] }, ['rateLimits.1.name']],
    ['limits for a key that gets to verify tokens', { scopes: [VERIFY], rateLimits: [HOURLY] }, ['rateLimits']],
    ['what is no address range', { allowedCidrs: ['10.0.0.0/33'] }, ['allowedCidrs.0']],
    ['an expiry in the past: disable or revoke the key instead', { expiresAt: NOW }, ['expiresAt']],
    ['contradicting products', { scopes: ['products:all'], products: ['p'] }, ['scopes']],
  ])('%s', (_, request, paths) => {
    expect(pathsOf(request)).toEqual(paths);
  });
});

describe('a key that verifies tokens takes no limits', () => {
  const limited = { ...KEY, scopes: ['b:read'], rateLimits: [HOURLY], quota: { remaining: 0, refill: null } };
  const service = { ...KEY, scopes: [VERIFY] };

  test.each<[string, ChangeRequest, Key, string[]]>([
    ['given to it', { quota: { remaining: 1 }, rateLimits: [HOURLY] }, service, ['rateLimits', 'quota']],
    ['that it has when it becomes one', { scopes: ['b:read', VERIFY] }, limited, ['scopes.1']],
    ['of which one stays', { scopes: [VERIFY], quota: null }, limited, ['scopes.0']],
    ['given to it with another scope', { scopes: [VERIFY, 'b:read'], quota: { remaining: 1 } }, service, ['quota']],
  ])('%s', (_, request, key, paths) => {
    expect(pathsOf(request, {}, key)).toEqual(paths);
  });

  test.each<[string, ChangeRequest, Key]>([
    ['none', { rateLimits: [], quota: null, name: 'renamed' }, service],
    ['since they are taken away', { scopes: [VERIFY], rateLimits: [], quota: null }, limited],
    ['and ceases to verify', { scopes: ['b:read'], rateLimits: [HOURLY] }, service],
  ])('but %s', (_, request, key) => {
    expect(pathsOf(request, {}, key)).toEqual([]);
  });
});

describe('what the policy forbids', () => {
  const rules: Partial<Policy> = {
    maxLifetimeDays: 30,
    cidrRequired: true,
    allowedScopesByRole: { ...ANY_SCOPES, developer: ['a:*'] },
  };

  test.each<[string, ChangeRequest, string[]]>([
    ['an end that is too late', { expiresAt: LATER }, ['expiresAt']],
    ['scopes that the role may not grant, beside those that the key has', { scopes: ['b:read', 'a:read', '*'] }, ['scopes.2']],
  ])('%s', (_, request, paths) => {
    expect(pathsOf(request, rules)).toEqual(paths);
  });

  test('taking away what it requires', () => {
    const kept = { ...KEY, allowedCidrs: ['10.0.0.0/8'], expiresAt: new Date('2026-01-31T00:00:00Z') };
    expect(pathsOf({ allowedCidrs: [], expiresAt: null }, rules, kept)).toEqual(['expiresAt', 'allowedCidrs']);
    expect(pathsOf({ allowedCidrs: ['192.0.2.1'], expiresAt: new Date('2026-01-30') }, rules, kept)).toEqual([]);
  });

  test.each<[string, ChangeRequest]>([
    ['has nothing to do with it', { name: 'renamed', enabled: false, metadata: { a: 1 } }],
    ['leaves as they are the fields that break it', { expiresAt: null, allowedCidrs: [], scopes: ['b:read', 'gone:for-good'] }],
    ['only takes scopes away', { scopes: ['gone:for-good'] }],
  ])('no change that %s', (_, request) => {
    expect(pathsOf(request, rules)).toEqual([]);
  });
});
