import { describe, expect, test } from '@jest/globals';
import { ForbiddenError, MINTMARK_SCOPES } from '#libs/key-domain';
import type { Principal } from '../principal.js';
import { managementKey, person } from '../principal.fixture.js';
import { assertMayGrant } from './grantable.js';

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
