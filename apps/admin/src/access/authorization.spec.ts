import { describe, expect, test } from '@jest/globals';
import { NO_REQUEST, type Role } from '#libs/key-domain';
import type { Principal } from '#libs/lifecycle';
import { isHeldBack, isPermitted, type Permission, PERMISSIONS } from './authorization.js';

const ALL = Object.keys(PERMISSIONS) as Permission[];

const person = (role: Role, accountSuspended = false): Principal => {
  const account = { accountId: 'acc_1', accountName: 'A', accountSuspended };
  const membership = { personId: 'usr_1', email: 'a@b.example', operator: true, ...account, role };
  return { kind: 'person', accountId: 'acc_1', membership, sessionId: 'ses_1', origin: NO_REQUEST };
};
const key = (...scopes: string[]): Principal => ({
  ...{ kind: 'key', accountId: 'acc_1', keyId: 'key_1', secretId: 'sec_1', scopes, expiresAt: null, allowedCidrs: [] },
  origin: NO_REQUEST,
});
const permitted = (principal: Principal) => ALL.filter((permission) => isPermitted(principal, permission));

describe('what people may do', () => {
  test.each<[Role, Permission[]]>([
    ['owner', ['keys:read', 'keys:write', 'account:read', 'account:write', 'webhooks:read', 'audit:read']],
    ['admin', ['keys:read', 'keys:write', 'account:read', 'account:write', 'webhooks:read', 'audit:read']],
    ['developer', ['keys:read', 'keys:write', 'account:read']],
    ['viewer', ['keys:read', 'account:read']],
  ])('%s', (role, permissions) => {
    expect(permitted(person(role))).toEqual(permissions);
  });
});

test('people of a suspended account may go on reading, and those of another do as ever', () => {
  const heldBack = (principal: Principal) => ALL.filter((permission) => isHeldBack(principal, permission));
  expect(heldBack(person('owner', true))).toEqual(['keys:write', 'account:write']);
  expect(heldBack(person('owner'))).toEqual([]);
});

describe('what keys may do', () => {
  test.each<[string, string[], Permission[]]>([
    ["a service's nothing", ['mintmark:tokens:verify'], []],
    ["a customer's nothing, wildcards and all", ['*', 'mintmark:*', 'keys:*', 'garments:read'], []],
    ['writing is not reading', ['mintmark:keys:write'], ['keys:write']],
    [
      'each scope its permission',
      ['mintmark:account:read', 'mintmark:account:write'],
      ['account:read', 'account:write', 'webhooks:read'],
    ],
  ])('%s', (_, scopes, permissions) => {
    expect(permitted(key(...scopes))).toEqual(permissions);
  });
});
