import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AdminClient, signIn } from '../../support/admin-client.js';
import { type Stack, startStack } from '../../support/stack.js';
import { faultPaths } from './office.js';

let stack: Stack;
let owner: AdminClient;

beforeAll(async () => {
  stack = await startStack();
  owner = await signIn(stack);
});
afterAll(() => stack.stop());

const RULES = {
  defaultFormat: 'default',
  maxLifetimeDays: null,
  expiryRequired: false,
  cidrRequired: false,
  rotationDays: 90,
  allowedScopesByRole: { owner: null, admin: null, developer: null, viewer: null, managementKey: null },
};

describe('the policy', () => {
  test('begins with rotation after 90 days and no other rule', async () => {
    expect((await owner.get('/policy')).body).toEqual(RULES);
  });

  test('keeps what a change does not name', async () => {
    const allowedScopesByRole = { ...RULES.allowedScopesByRole, developer: ['garments:*'] };
    const changed = await owner.patch('/policy', { rotationDays: 30, allowedScopesByRole: { developer: ['garments:*'] } });
    expect([changed.status, changed.body]).toEqual([200, { ...RULES, rotationDays: 30, allowedScopesByRole }]);
    const back = await owner.patch('/policy', { rotationDays: 90, allowedScopesByRole: { developer: null } });
    expect(back.body).toEqual(RULES);
  });

  test.each<[string, object, string[]]>([
    ['a format that the account lacks', { defaultFormat: 'nope' }, ['defaultFormat']],
    ['no days', { maxLifetimeDays: 0, rotationDays: 0 }, ['maxLifetimeDays', 'rotationDays']],
    ['half a day', { rotationDays: 1.5 }, ['rotationDays']],
    ['what is no pattern', { allowedScopesByRole: { admin: ['*', 'nonsense'] } }, ['allowedScopesByRole.admin.1']],
    ['a role that there is not', { allowedScopesByRole: { king: [] } }, ['allowedScopesByRole.king']],
    ['a rule that there is not', { maxKeys: 3 }, ['maxKeys']],
  ])('does not take %s', async (_, rules, paths) => {
    const refused = await owner.patch('/policy', rules);
    expect([refused.status, faultPaths(refused)]).toEqual([400, paths]);
    expect((await owner.get('/policy')).body).toEqual(RULES);
  });
});
