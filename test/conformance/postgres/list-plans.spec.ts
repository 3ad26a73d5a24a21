import type { KeyFilter } from '#libs/key-domain';
import { PostgresKeyStore } from '#libs/persistence';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ManyKeys, type PlanNode, readWhole } from './many-keys.js';

const DAY_MS = 86_400_000;

/** Asks Postgres how it goes about what the adapter asks it. */
describe('a list of many keys', () => {
  let many: ManyKeys;
  let middle: string;
  beforeAll(async () => {
    many = await ManyKeys.start();
    middle = await many.keyAfter(15_000);
  }, 120_000);
  afterAll(() => many.stop());

  /** Every node of the plans of all statements that a page takes. */
  async function planned(filter: KeyFilter, before: string | null): Promise<PlanNode[]> {
    const asked = await many.statementsOf(async () => {
      const { keys } = await many.app.get(PostgresKeyStore).list(many.accountId, filter, { limit: 50, before });
      expect(keys.length).toBeGreaterThan(0);
    });
    expect(asked.length).toBeGreaterThan(0);
    return many.plansOf(asked);
  }

  const ago = (days: number) => new Date(Date.now() - days * DAY_MS);
  test.each<[string, KeyFilter]>([
    ['keys_account_id_id_key or keys_pkey', {}], // where nearly all keys are of one account either is as good
    ['keys_expiry_month_idx', { status: 'active' }],
    ['keys_disabled_idx', { status: 'disabled' }],
    ['keys_revoked_idx', { status: 'revoked' }],
    ['keys_expiry_month_idx', { status: 'expired' }],
    ['keys_expiry_day_idx', { status: 'expired' }],
    ['keys_account_id_environment_id_idx', { environment: 'test' }],
    ['keys_account_id_owner_id_id_idx', { ownerId: 'customer-42' }],
    ['key_terms_pkey', { productId: 'product-7' }],
    ['key_terms_pkey', { scope: 'r3:a4' }],
    ['key_terms_pkey', { scope: '*' }],
    ['key_terms_pkey', { search: 'ware' }],
    ['secrets_last_four_idx', { search: 'team42' }],
    ['keys_account_id_id_key or keys_pkey', { search: 'team' }],
    ['keys_expiry_month_idx', { expiresBefore: ago(-30) }],
    ['keys_expiry_day_idx', { expiresBefore: ago(-30) }],
    ['secrets_used_month_idx', { unusedSince: ago(90) }],
    ['secrets_used_day_idx', { unusedSince: ago(90) }],
    ['secrets_made_month_idx', { rotationDue: true }],
    ['secrets_made_day_idx', { rotationDue: true }],
    ['secrets_made_month_idx', { rotationDue: false }],
    ['keys_revoked_idx', { status: 'revoked', rotationDue: true }],
  ])('%s serves %j, on its first page and in its middle, and no table is read whole', async (index, filter) => {
    for (const before of filter.ownerId === undefined ? [null, middle] : [null]) {
      const nodes = await planned(filter, before);
      expect(readWhole(nodes)).not.toContainEqual(expect.stringMatching(/^(keys|secrets|key_terms|limit_counters)$/));
      const used = nodes.map((node) => node['Index Name']);
      expect(index.split(' or ').filter((name) => used.includes(name))).not.toEqual([]);
    }
  });
});
