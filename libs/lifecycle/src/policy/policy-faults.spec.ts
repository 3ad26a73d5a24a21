import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ANY_SCOPES, type Grantor, GRANTORS, type Policy } from '#libs/key-domain';
import { FREE } from '../keys/terms.fixture.js';
import { policyFaults, type RuledKey } from './policy-faults.js';

const DAY_MS = 86_400_000;

const scope = fc.constantFrom('a:read', 'a:write', 'b:read', 'a:*', 'b:*', '*', 'mintmark:keys:read');
const days = fc.integer({ min: 1, max: 400 });
const grantor = fc.constantFrom(...GRANTORS);
const policy: fc.Arbitrary<Policy> = fc
  .record({
    maxLifetimeDays: fc.option(days),
    expiryRequired: fc.boolean(),
    cidrRequired: fc.boolean(),
    allowed: fc.dictionary(grantor, fc.uniqueArray(scope)),
  })
  .map(({ allowed, ...rules }) => ({ ...FREE, ...rules, allowedScopesByRole: { ...ANY_SCOPES, ...allowed } }));
const key: fc.Arbitrary<RuledKey> = fc
  .record({
    scopes: fc.uniqueArray(scope),
    allowedCidrs: fc.constantFrom([], ['10.0.0.0/8']),
    createdAt: fc.date({ min: new Date('2020-01-01'), max: new Date('2030-01-01'), noInvalidDate: true }),
    lifetimeMs: fc.option(fc.integer({ min: 1, max: 400 * DAY_MS })),
  })
  .map(({ lifetimeMs, ...fields }) => ({
    ...fields,
    expiresAt: lifetimeMs === null ? null : new Date(fields.createdAt.getTime() + lifetimeMs),
  }));

const rulesOf = (...given: Parameters<typeof policyFaults>) => policyFaults(...given).map(({ rule }) => rule);

describe('a key', () => {
  test('breaks nothing where there is no rule', () => {
    fc.assert(fc.property(grantor, key, (who, asked) => expect(policyFaults(FREE, who, asked)).toEqual([])));
  });

  test('breaks expiryRequired or maxLifetimeDays exactly where its end is absent or too late', () => {
    fc.assert(
      fc.property(policy, key, (rules, asked) => {
        const longest = rules.maxLifetimeDays === null ? Infinity : rules.maxLifetimeDays * DAY_MS;
        const life = asked.expiresAt === null ? Infinity : asked.expiresAt.getTime() - asked.createdAt.getTime();
        const broken = life > longest || (life === Infinity && rules.expiryRequired);
        const named = rulesOf(rules, null, asked).filter((rule) => rule === 'expiryRequired' || rule === 'maxLifetimeDays');
        expect(named).toHaveLength(broken ? 1 : 0);
        if (named[0] === 'expiryRequired') expect(asked.expiresAt).toBeNull();
      }),
    );
  });

  test('breaks cidrRequired exactly where it may be used from anywhere', () => {
    fc.assert(
      fc.property(policy, key, (rules, asked) => {
        const broken = rules.cidrRequired && asked.allowedCidrs.length === 0;
        expect(rulesOf(rules, null, asked).includes('cidrRequired')).toBe(broken);
      }),
    );
  });

  test('names by its place each scope that no pattern of the grantor covers, and no other', () => {
    const covers = (pattern: string, asked: string) =>
      pattern === asked ||
      (!asked.startsWith('mintmark:') && (pattern === '*' || (pattern.endsWith(':*') && asked.startsWith(pattern.slice(0, -1)))));
    fc.assert(
      fc.property(policy, grantor, key, (rules, who, asked) => {
        const patterns = rules.allowedScopesByRole[who];
        const named = policyFaults(rules, who, asked).filter(({ rule }) => rule === 'allowedScopesByRole');
        expect(named.map(({ path }) => path)).toEqual(
          asked.scopes.flatMap((one, index) =>
            patterns === null || patterns.some((pattern) => covers(pattern, one)) ? [] : [`scopes.${index}`],
          ),
        );
      }),
    );
  });
});

describe('a change', () => {
  test('that changes nothing is never forbidden', () => {
    fc.assert(
      fc.property(policy, grantor, key, (rules, who, asked) => expect(policyFaults(rules, who, asked, asked)).toEqual([])),
    );
  });

  test('is forbidden nothing that a new key would be allowed', () => {
    fc.assert(
      fc.property(policy, grantor, key, key, (rules, who, former, asked) => {
        const forbidden = policyFaults(rules, who, asked, former);
        expect(policyFaults(rules, who, asked)).toEqual(expect.arrayContaining(forbidden));
      }),
    );
  });

  test('never makes a key that keeps the policy break it', () => {
    fc.assert(
      fc.property(policy, grantor, key, key, (rules, who, former, { scopes, allowedCidrs, expiresAt }) => {
        fc.pre(policyFaults(rules, who, former).length === 0);
        const changed = { scopes, allowedCidrs, expiresAt, createdAt: former.createdAt };
        fc.pre(policyFaults(rules, who, changed, former).length === 0);
        expect(policyFaults(rules, who, changed)).toEqual([]);
      }),
    );
  });

  test.each<[string, Grantor | null]>([
    ['a person of a role', 'developer'],
    ['a management key', 'managementKey'],
  ])('is judged by whoever makes it: %s', (_, who) => {
    const allowedScopesByRole = { ...ANY_SCOPES, developer: ['a:*'], managementKey: ['a:*'] };
    const former: RuledKey = { scopes: ['b:read'], allowedCidrs: [], createdAt: new Date(0), expiresAt: null };
    const widened = { ...former, scopes: ['b:read', 'a:read', 'b:write'] };
    const faults = policyFaults({ ...FREE, allowedScopesByRole }, who, widened, former);
    expect(faults).toMatchObject([{ rule: 'allowedScopesByRole', path: 'scopes.2' }]);
    expect(policyFaults({ ...FREE, allowedScopesByRole }, 'owner', widened, former)).toEqual([]);
  });
});
