import { describe, expect, test } from '@jest/globals';
import {
  ANY_SCOPES,
  InvalidRequestError,
  type InputFault,
  type Policy,
  type RateLimit,
  STARTING_FORMATS,
} from '#libs/key-domain';
import type { IssueRequest } from './issue-request.js';
import { planKey } from './key-plan.js';
import { terms } from './terms.fixture.js';

const NOW = new Date('2026-01-01T00:00:00Z');
const TERMS = terms({ policy: { defaultFormat: 'garmint' }, now: NOW });

const MINUTE: RateLimit = { name: 'minute', limit: 10, windowSeconds: 60 };
const DAY: RateLimit = { name: 'day', limit: 100, windowSeconds: 86_400 };
const TEN = { remaining: 10 };

const plan = (request: Partial<IssueRequest>) => planKey({ name: 'a key', ...request }, TERMS);

function faultsOf(request: Partial<IssueRequest>): readonly InputFault[] {
  try {
    plan(request);
  } catch (error) {
    if (error instanceof InvalidRequestError) return error.faults;
    throw error;
  }
  return [];
}

const pathsOf = (request: Partial<IssueRequest>): string[] => faultsOf(request).map(({ path }) => path);

describe('what a key gets when nothing is asked for', () => {
  test("the policy's format, its first environment, and no rights at all", () => {
    expect(plan({})).toEqual({
      format: STARTING_FORMATS[1],
      environment: 'live',
      scopes: [],
      products: [],
      allowedCidrs: [],
      rateLimits: [],
      quota: null,
      expiresAt: null,
    });
  });

  test('no environment where the format has none', () => {
    expect(plan({ format: 'keymint' }).environment).toBeNull();
  });
});

describe('limits', () => {
  test('of a key are as they are asked for; a quota that says nothing of a refill has none', () => {
    const refill = { amount: 5, interval: 'day' } as const;
    expect(plan({ rateLimits: [MINUTE, DAY], quota: TEN })).toMatchObject({
      rateLimits: [MINUTE, DAY],
      quota: { remaining: 10, refill: null },
    });
    expect(plan({ quota: { remaining: 0, refill } })).toMatchObject({ rateLimits: [], quota: { remaining: 0, refill } });
    expect(plan({ scopes: ['mintmark:keys:write'], rateLimits: [DAY] })).toMatchObject({ rateLimits: [DAY] });
    expect(plan({ scopes: ['mintmark:tokens:verify'], rateLimits: [], quota: null })).toMatchObject({ quota: null });
  });
});

describe('what is refused, and where', () => {
  test.each<[string, Partial<IssueRequest>, string[]]>([
    ['an unknown format', { format: 'nobodys' }, ['format']],
    ['an environment that the format lacks', { environment: 'staging' }, ['environment']],
    ['an environment for a format without any', { format: 'keymint', environment: 'live' }, ['environment']],
    ['what is no scope', { scopes: ['garments:read', 'nonsense', 'mintmark:root:all'] }, ['scopes.1', 'scopes.2']],
    ['a scope that the catalogue lacks', { scopes: ['garments:read', 'garments:burn', 'looms:*'] }, ['scopes.1', 'scopes.2']],
    ['what is no address range', { allowedCidrs: ['10.0.0.0/8', '10.0.0.0/33'] }, ['allowedCidrs.1']],
    ['rate limits of one name', { rateLimits: [MINUTE, DAY, MINUTE] }, ['rateLimits.2.name']],
    ['limits of a service key', { scopes: ['mintmark:tokens:verify'], rateLimits: [DAY], quota: TEN }, ['rateLimits', 'quota']],
    ['both ways to expire', { expiresInDays: 1, expiresAt: new Date('2027-01-01') }, ['expiresAt']],
    ['an expiry in the past', { expiresAt: new Date('2025-12-31') }, ['expiresAt']],
    ['an expiry at this very moment', { expiresAt: NOW }, ['expiresAt']],
    ['an expiry in over 100 years', { expiresAt: new Date('2126-01-02') }, ['expiresAt']],
    ['no days', { expiresInDays: 0 }, ['expiresInDays']],
    ['half a day', { expiresInDays: 0.5 }, ['expiresInDays']],
    ['more days than in 100 years', { expiresInDays: 36_501 }, ['expiresInDays']],
    ['every fault at once', { format: 'nobodys', scopes: ['x'], expiresInDays: -1 }, ['format', 'scopes.0', 'expiresInDays']],
  ])('%s', (_, request, paths) => {
    expect(pathsOf(request)).toEqual(paths);
  });
});

describe('what the policy forbids, and where', () => {
  const rules: Partial<Policy> = {
    maxLifetimeDays: 30,
    cidrRequired: true,
    allowedScopesByRole: { ...ANY_SCOPES, developer: ['a:*'] },
  };
  const planned = (request: Partial<IssueRequest>) => () =>
    planKey({ name: 'a key', ...request }, terms({ policy: rules, grantor: 'developer', now: NOW }));
  const kept = { expiresInDays: 30, allowedCidrs: ['10.0.0.0/8'] };

  test('nothing that keeps its rules', () => {
    const scopes = ['a:read', 'a:*', 'products:all'];
    expect(planned({ ...kept, scopes })()).toMatchObject({ scopes: ['a:read', 'a:*'], products: 'all' });
  });

  test.each<[string, Partial<IssueRequest>, string[]]>([
    ['a key without an end or addresses', {}, ['expiresAt', 'allowedCidrs']],
    ['a day too many', { ...kept, expiresInDays: 31 }, ['expiresInDays']],
    ['a date too late', { ...kept, expiresInDays: undefined, expiresAt: new Date('2026-02-01') }, ['expiresAt']],
    ['scopes that are not for the role', { ...kept, scopes: ['a:read', 'b:read', '*'] }, ['scopes.1', 'scopes.2']],
    [
      'what is at fault anyway, once',
      { ...kept, expiresInDays: 0, scopes: ['nonsense', 'b:none'] },
      ['scopes.0', 'scopes.1', 'expiresInDays'],
    ],
  ])('%s', (_, request, paths) => {
    expect(planned(request)).toThrow(expect.objectContaining({ faults: paths.map((path) => expect.objectContaining({ path })) }));
  });
});

describe('what is taken as it is meant', () => {
  test('repeated scopes and ranges count once', () => {
    const { scopes, allowedCidrs } = plan({ scopes: ['a:read', 'b:read', 'a:read'], allowedCidrs: ['::1', '::1'] });
    expect({ scopes, allowedCidrs }).toEqual({ scopes: ['a:read', 'b:read'], allowedCidrs: ['::1'] });
  });

  test('days are days of 24 hours', () => {
    expect(plan({ expiresInDays: 30 }).expiresAt).toEqual(new Date('2026-01-31T00:00:00Z'));
  });

  test('products:all is no scope but access to every product', () => {
    expect(plan({ scopes: ['customers:read', 'products:all'] })).toMatchObject({ scopes: ['customers:read'], products: 'all' });
  });

  test('products:specific is no scope but access to the listed products', () => {
    expect(plan({ scopes: ['products:specific'], products: ['p1', 'p1', 'p2'] })).toMatchObject({
      scopes: [],
      products: ['p1', 'p2'],
    });
  });

  test.each<[string, Partial<IssueRequest>]>([
    ['both of them', { scopes: ['products:all', 'products:specific'] }],
    ['products:all beside a list', { scopes: ['products:all'], products: ['p1'] }],
    ['products:specific beside all', { scopes: ['products:specific'], products: 'all' }],
  ])('but not when they contradict each other: %s', (_, request) => {
    expect(pathsOf(request)).toEqual(['scopes']);
  });
});
