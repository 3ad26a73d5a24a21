import { GRANULARITIES, type UsageBatch } from '#libs/key-domain';
import { PostgresUsageStore } from '#libs/persistence';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ManyKeys, readWhole, rowsRead } from './many-keys.js';

const DAY_MS = 86_400_000;
const LARGE = /^(keys|key_usage|account_usage)$/;

/** Each key in ten hours of ten days, and other accounts that are as busy. */
const FILL = [
  `INSERT INTO key_usage (key_id, granularity, start, outcome, count)
   SELECT id, granularity, date_trunc(granularity, now() - n * interval '25 hours', 'UTC'), 'VALID', 1
   FROM keys, generate_series(1, 10) n, (VALUES ('hour'), ('day')) g (granularity) ON CONFLICT DO NOTHING`,
  `INSERT INTO accounts (id, name, default_format) SELECT 'acc_busy' || n, 'Busy', 'default' FROM generate_series(1, 300) n`,
  `INSERT INTO account_usage (account_id, granularity, start, outcome, count)
   SELECT id, granularity, date_trunc(granularity, now() - n * interval '1 hour', 'UTC'), 'VALID', 1
   FROM accounts, generate_series(1, 200) n, (VALUES ('hour'), ('day')) g (granularity) ON CONFLICT DO NOTHING`,
];

/** Asks Postgres how it goes about what the adapter asks it. */
describe('usage, where there are many keys and accounts', () => {
  let many: ManyKeys;
  let store: PostgresUsageStore;
  beforeAll(async () => {
    many = await ManyKeys.start();
    await many.operator.query('BEGIN');
    for (const statement of FILL.slice(0, 2)) await many.operator.query(statement);
    await many.operator.query(
      `INSERT INTO key_formats (account_id, name, prefix, environments, encoding)
       SELECT id, 'default', 'mm', '{}', 'base62' FROM accounts WHERE id LIKE 'acc_busy%'`,
    );
    await many.operator.query('COMMIT');
    for (const statement of FILL.slice(2)) await many.operator.query(statement);
    await many.operator.query('VACUUM ANALYZE');
    store = many.app.get(PostgresUsageStore);
  }, 180_000);
  afterAll(() => many.stop());

  const span = (granularity: 'hour' | 'day') => ({
    granularity,
    from: new Date(Date.now() - 5 * DAY_MS),
    to: new Date(Date.now()),
  });

  test.each(GRANULARITIES)('the series of a key by the %s is read by its index, and nothing else is', async (granularity) => {
    const keyId = await many.keyAfter(15_000);
    const [asked] = await many.statementsOf(() => store.ofKey(many.accountId, keyId, span(granularity)));
    if (asked === undefined) throw new Error('nothing was asked');
    const plan = await many.carriedOut(asked);
    expect(readWhole(plan)).not.toContainEqual(expect.stringMatching(LARGE));
    expect(plan.map((node) => node['Index Name'])).toContain('key_usage_pkey');
    expect(rowsRead(plan, 'key_usage')).toBeLessThanOrEqual(10);
    expect(rowsRead(plan, 'keys')).toBe(1);
  });

  test.each(GRANULARITIES)(
    'the series of an account by the %s is read by its index, whatever others have',
    async (granularity) => {
      const [asked] = await many.statementsOf(() => store.ofAccount('acc_busy7', span(granularity)));
      if (asked === undefined) throw new Error('nothing was asked');
      const plan = await many.carriedOut(asked);
      expect(readWhole(plan)).toEqual([]);
      expect(plan.map((node) => node['Index Name'])).toContain('account_usage_pkey');
      expect(rowsRead(plan, 'account_usage')).toBeLessThanOrEqual(130);
    },
  );

  test('adding reads no table whole, planned for these counts and for any', async () => {
    const counts = Array.from({ length: 1_000 }, (_, n) => ({
      ...({ keyId: `key_${String(n * 7 + 1).padStart(8, '0')}`, outcome: 'VALID', count: 1 } as const),
      hour: new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000),
    }));
    const batch: UsageBatch = { source: 'planned', number: 1, counts };
    const [asked] = await many.statementsOf(() => store.add(batch));
    if (asked === undefined) throw new Error('nothing was asked');
    const again = { ...asked, values: ['planned anew', ...asked.values.slice(1)] };
    for (const mode of ['force_custom_plan', 'force_generic_plan']) {
      await many.operator.query(`SET plan_cache_mode = ${mode}`);
      expect(readWhole(await many.carriedOut(again))).not.toContainEqual(expect.stringMatching(LARGE));
    }
    await many.operator.query('RESET plan_cache_mode');
  });

  test('pruning where nothing is old reads nothing of what is kept', async () => {
    const asked = await many.statementsOf(() => store.prune());
    expect(asked).toHaveLength(5);
    for (const one of asked) {
      const plan = await many.carriedOut(one);
      expect(readWhole(plan)).not.toContainEqual(expect.stringMatching(LARGE));
      expect(rowsRead(plan, 'key_usage') + rowsRead(plan, 'account_usage')).toBe(0);
    }
  });
});
