import { describe, expect, test } from '@jest/globals';
import { ForbiddenError, MINTMARK_SCOPES } from '#libs/key-domain';
import type { Principal } from '../principal.js';
import { managementKey, person } from '../principal.fixture.js';
import { assertMayGrant, assertWithinOwnLimits } from './grantable.js';

describe("who may put Mintmark's own scopes on a key", () => {
  test.each<[string, Principal, readonly string[]]>([
    ['an owner any', person('owner'), MINTMARK_SCOPES],
    ['an admin any', person('admin'), MINTMARK_SCOPES],
    ['a management key those it holds', managementKey(['mintmark:keys:write', 'mintmark:keys:read']), ['mintmark:keys:read']],
  ])('%s', (_, principal, scopes) => {
    expect(() => assertMayGrant(principal, scopes)).not.toThrow();
  });

  test.each<[string, Principal, readonly string[]]>([
    ['a developer none', person('developer'), ['mintmark:tokens:verify']],
    ['a viewer none', person('viewer'), ['mintmark:tokens:verify']],
    ['a management key none that it lacks', managementKey(['mintmark:keys:write']), ['mintmark:account:write']],
    ['a wildcard stands for none of them', managementKey(['mintmark:keys:write', '*']), ['mintmark:tokens:verify']],
  ])('%s', (_, principal, scopes) => {
    expect(() => assertMayGrant(principal, scopes)).toThrow(ForbiddenError);
  });

  test('scopes of customers are anybody’s to grant', () => {
    expect(() => assertMayGrant(person('developer'), ['garments:read', '*'])).not.toThrow();
  });
});

describe('a management key with limits of its own', () => {
  const END = new Date('2026-06-01T00:00:00Z');
  const limited = { ...managementKey(['mintmark:keys:write']), expiresAt: END, allowedCidrs: ['10.0.0.0/8', '192.0.2.7'] };
  const within = { scopes: ['mintmark:keys:write'], expiresAt: END, allowedCidrs: ['10.1.0.0/16', '192.0.2.7'] };

  test.each<[string, Partial<typeof within> | { expiresAt: null }]>([
    ['without an end', { expiresAt: null }],
    ['with a later end', { expiresAt: new Date(END.getTime() + 1) }],
    ['that is accepted from anywhere', { allowedCidrs: [] }],
    ['that is accepted from more addresses', { allowedCidrs: ['10.0.0.0/7'] }],
    ['that is accepted from one other address', { allowedCidrs: ['10.1.0.0/16', '192.0.2.8'] }],
  ])('makes no management key %s', (_, beyond) => {
    expect(() => assertWithinOwnLimits(limited, { ...within, ...beyond })).toThrow(ForbiddenError);
    expect(() => assertWithinOwnLimits(limited, { ...within, ...beyond, scopes: ['garments:read', '*'] })).not.toThrow();
    expect(() => assertWithinOwnLimits(managementKey(limited.scopes), { ...within, ...beyond })).not.toThrow();
    expect(() => assertWithinOwnLimits(person('admin'), { ...within, ...beyond })).not.toThrow();
  });

  test('makes one with the same limits, or closer ones', () => {
    for (const expiresAt of [END, new Date(0)])
      expect(() => assertWithinOwnLimits(limited, { ...within, expiresAt })).not.toThrow();
  });
});
