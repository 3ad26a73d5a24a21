import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  grantingScopes,
  isMintmarkScope,
  isScope,
  MAX_SCOPE_LENGTH,
  MINTMARK_SCOPES,
  missingScopes,
  scopeGrants,
} from './scope.js';

const word = fc.stringMatching(/^[A-Za-z0-9_.-]{1,12}$/);
const customersResource = word.filter((resource) => resource.toLowerCase() !== 'mintmark');
const scope = fc
  .tuple(customersResource, fc.array(word, { minLength: 1, maxLength: 3 }))
  .map(([resource, actions]) => [resource, ...actions].join(':'));
const wildcard = fc.oneof(
  fc.constant('*'),
  word.map((resource) => `${resource}:*`),
);

describe('scope', () => {
  test('names are resource:action, resource:*, * and the closed list of Mintmark', () => {
    fc.assert(
      fc.property(scope, customersResource, (one, resource) => {
        for (const name of [one, `${resource}:*`, '*', ...MINTMARK_SCOPES]) expect(isScope(name)).toBe(true);
      }),
    );
  });

  test.each([
    '',
    ':',
    'a',
    'a:',
    ':a',
    '*:a',
    '*:*',
    'a:*:b',
    'a:b*',
    'a:**',
    'a b:c',
    'a:b ',
    ' a:b',
    'a:b\n',
    'ä:b',
    'a::b',
    'a:b,c:d',
    'a:"b"',
    'a:\\',
    'mintmark:*',
    'mintmark:keys:*',
    'mintmark:keys',
    'mintmark:keys:read:more',
    'mintmark:anything',
    'Mintmark:keys:write',
    'MINTMARK:*',
  ])('%j is no scope', (text) => {
    expect(isScope(text)).toBe(false);
  });

  test('a scope has at most 128 characters', () => {
    expect(isScope(`a:${'b'.repeat(MAX_SCOPE_LENGTH - 2)}`)).toBe(true);
    expect(isScope(`a:${'b'.repeat(MAX_SCOPE_LENGTH - 1)}`)).toBe(false);
  });

  test('every scope can stand in a challenge as it is (RFC 6749, section 3.3)', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' }), scope), (text) => {
        if (isScope(text)) expect(text).toMatch(/^[\x21\x23-\x5b\x5d-\x7e]+$/);
      }),
      { numRuns: 1000 },
    );
  });

  test('grants itself', () => {
    fc.assert(fc.property(fc.oneof(scope, wildcard), (one) => expect(scopeGrants(one, one)).toBe(true)));
  });

  test('* grants every scope, and resource:* every action of the resource, save those of Mintmark', () => {
    fc.assert(
      fc.property(scope, (required) => {
        const resource = required.slice(0, required.indexOf(':'));
        expect(scopeGrants('*', required)).toBe(true);
        expect(scopeGrants(`${resource}:*`, required)).toBe(true);
      }),
    );
  });

  test('no wildcard grants a scope of Mintmark, not even one of its own look', () => {
    fc.assert(
      fc.property(
        fc.oneof(wildcard, fc.constantFrom('mintmark:*', 'mintmark:keys:*', 'mint*', 'm:*')),
        fc.constantFrom(...MINTMARK_SCOPES),
        (granted, required) => {
          expect(scopeGrants(granted, required)).toBe(false);
        },
      ),
    );
  });

  test('of two different scopes without a wildcard neither grants the other', () => {
    fc.assert(
      fc.property(
        fc.oneof(scope, fc.constantFrom(...MINTMARK_SCOPES)),
        fc.oneof(scope, fc.constantFrom(...MINTMARK_SCOPES)),
        (one, other) => {
          fc.pre(one !== other);
          expect(scopeGrants(one, other)).toBe(false);
        },
      ),
    );
  });

  test.each([
    ['customers:*', 'customersx:read'],
    ['customers:*', 'customer:read'],
    ['customers:*', 'customers'],
    ['a:b:*', 'a:bc'],
    ['customers:read', 'customers:read:all'],
    ['Customers:*', 'customers:read'],
    ['a:b', '*'],
    ['a:*', '*'],
  ])('%s does not grant %s', (granted, required) => {
    expect(scopeGrants(granted, required)).toBe(false);
  });

  test('the missing ones are those that no granted one gives, in the order required', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(scope, wildcard)),
        fc.array(fc.oneof(scope, fc.constantFrom(...MINTMARK_SCOPES))),
        (granted, required) => {
          const missing = missingScopes(granted, required);
          expect(missing).toEqual(required.filter((one) => granted.every((held) => !scopeGrants(held, one))));
          expect(missingScopes([...granted, ...missing], required)).toEqual([]);
        },
      ),
    );
  });

  test('the scopes of Mintmark are known by name alone', () => {
    for (const name of MINTMARK_SCOPES) expect(isMintmarkScope(name)).toBe(true);
    expect(isMintmarkScope('mintmark:*')).toBe(false);
    expect(isMintmarkScope('toString')).toBe(false);
  });

  test('the scopes that grant one are exactly those that a key with nothing else may hold and grant it', () => {
    fc.assert(
      fc.property(
        fc.oneof(scope, wildcard, fc.constantFrom(...MINTMARK_SCOPES)),
        fc.oneof(scope, wildcard),
        (required, other) => {
          const granting = grantingScopes(required);
          expect(granting.every((granted) => isScope(granted) && scopeGrants(granted, required))).toBe(true);
          const resource = required.split(':')[0] ?? '';
          for (const held of [other, required, '*', `${resource}:*`])
            expect(granting.includes(held)).toBe(scopeGrants(held, required));
        },
      ),
    );
  });
});
