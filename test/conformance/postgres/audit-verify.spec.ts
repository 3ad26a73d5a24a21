import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { AuditTrail } from '#libs/lifecycle';
import { aKey, anybody, BY } from '../factories.js';
import { type PostgresHarness, postgresHarness } from './postgres-harness.js';

let harness: PostgresHarness;
beforeAll(async () => {
  harness = await postgresHarness();
});
afterAll(() => harness.close());

const REVOCATION = { reason: 'unspecified', description: null } as const;

test('a chain is whole also while a key is deleted for good: it is followed to the deletion', async () => {
  const accountId = await harness.account();
  const { id } = await harness.keys.insert(aKey(accountId), BY);
  await harness.keys.insert(aKey(accountId), BY);
  let isDeleted = false;
  const { head, firstBroken } = await new AuditTrail(harness.audit).verify(accountId, null, async () => {
    if (isDeleted) return;
    isDeleted = true; // the end of the chain was looked up, and nothing read yet
    await harness.keys.delete(accountId, id, REVOCATION, anybody, BY);
    await harness.keys.eraseDeleted(accountId, id);
  });
  expect([head.number, firstBroken]).toEqual([4, null]);
});
