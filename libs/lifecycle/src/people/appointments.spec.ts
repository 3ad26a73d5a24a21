import { ForbiddenError, MINTMARK_SCOPES, ROLES, type Role } from '#libs/key-domain';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { managementKey, person } from '../principal.fixture.js';
import { assertMayAppoint, assertMayBringIn, mayAppoint } from './appointments.js';

/** From the least to the most that somebody may do. */
const RANKS: readonly Role[] = ['viewer', 'developer', 'admin', 'owner'];
const rank = (role: Role) => RANKS.indexOf(role);

const PAIRS = ROLES.flatMap((appointer) => ROLES.map((role) => [appointer, role] as const));

const MAY: Readonly<Record<Role, readonly Role[]>> = {
  owner: ['owner', 'admin', 'developer', 'viewer'],
  admin: ['admin', 'developer', 'viewer'],
  developer: [],
  viewer: [],
};

describe('a person', () => {
  test.each(PAIRS)('who is %s makes and unmakes %s only where that is theirs to do', (appointer, role) => {
    expect(mayAppoint(person(appointer), role)).toBe(MAY[appointer].includes(role));
  });

  test.each(PAIRS)('who is %s gives nobody who is to be %s more than they have', (appointer, role) => {
    expect(mayAppoint(person(appointer), role) && rank(role) > rank(appointer)).toBe(false);
  });

  test.each(PAIRS)('who is %s is told what they may not make or unmake: %s', (appointer, role) => {
    const asserting = () => {
      assertMayAppoint(person(appointer), role);
    };
    if (MAY[appointer].includes(role)) expect(asserting).not.toThrow();
    else expect(asserting).toThrow(new ForbiddenError(`You may not make or unmake ${/^[ao]/.test(role) ? 'an' : 'a'} ${role}.`));
  });
});

describe('a management key', () => {
  const NEEDED: Readonly<Record<Exclude<Role, 'owner'>, readonly string[]>> = {
    viewer: ['mintmark:keys:read', 'mintmark:account:read'],
    developer: ['mintmark:keys:read', 'mintmark:account:read', 'mintmark:keys:write'],
    admin: MINTMARK_SCOPES,
  };
  const scopes = fc.uniqueArray(
    fc.constantFrom<string[]>(...MINTMARK_SCOPES, '*', 'mintmark:*', 'mintmark:keys:*', 'customers:read'),
  );

  test('appoints to a role when it holds every scope that the role amounts to by name, and to owner never', () => {
    fc.assert(
      fc.property(scopes, fc.constantFrom(...ROLES), (held, role) => {
        const enough = role !== 'owner' && NEEDED[role].every((scope) => held.includes(scope));
        expect(mayAppoint(managementKey(held), role)).toBe(enough);
      }),
      { numRuns: 2_000 },
    );
  });

  test('that may appoint to a role may appoint to every lesser one, and loses nothing by another scope', () => {
    fc.assert(
      fc.property(scopes, fc.constantFrom(...MINTMARK_SCOPES), fc.constantFrom(...ROLES), (held, another, role) => {
        fc.pre(mayAppoint(managementKey(held), role));
        expect(mayAppoint(managementKey([...held, another]), role)).toBe(true);
        for (const lesser of RANKS.slice(0, rank(role))) expect(mayAppoint(managementKey(held), lesser)).toBe(true);
      }),
    );
  });

  test.each([
    ['an end', { expiresAt: new Date(0) }],
    ['ranges of its own', { allowedCidrs: ['10.0.0.0/8'] }],
  ])('that has %s gives nobody a role, and may take one', (_, limits) => {
    const free = managementKey(MINTMARK_SCOPES);
    const limited = { ...free, ...limits };
    for (const role of ['viewer', 'developer', 'admin'] as const) {
      expect(() => assertMayBringIn(free, role)).not.toThrow();
      expect(() => assertMayBringIn(limited, role)).toThrow(ForbiddenError);
      expect(() => assertMayAppoint(limited, role)).not.toThrow();
    }
  });
});
