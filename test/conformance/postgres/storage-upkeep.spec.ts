import { PostgresKeyStore, PostgresStorageUpkeep } from '#libs/persistence';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { ManyKeys, rowsRead } from './many-keys.js';

const DAY_MS = 86_400_000;

describe('a store that was filled at once', () => {
  let many: ManyKeys;
  beforeAll(async () => {
    many = await ManyKeys.start({ isKnown: false });
  }, 120_000);
  afterAll(() => many.stop());

  const listUnused = () =>
    many.app
      .get(PostgresKeyStore)
      .list(many.accountId, { unusedSince: new Date(Date.now() - 90 * DAY_MS) }, { limit: 50, before: null });
  const believed = async () =>
    (await many.operator.query<{ rows: number }>(`SELECT reltuples::int AS rows FROM pg_class WHERE relname = 'secrets'`)).rows[0]
      ?.rows ?? 0;

  test('takes stock once, and lists what it holds by that', async () => {
    const upkeep = many.app.get(PostgresStorageUpkeep);
    expect(await believed()).toBeLessThan(100);
    const known = await eventually(
      async () => {
        await upkeep.takeStock(); // a connection tells what it wrote within some seconds
        return believed();
      },
      (rows) => rows > 20_000,
      30_000,
    );
    expect(known).toBeGreaterThan(20_000);
    const [list] = await many.statementsOf(listUnused);
    if (list === undefined) throw new Error('nothing was asked');
    expect(rowsRead(await many.carriedOut(list), 'secrets')).toBeLessThan(10_000);
    const again = await many.statementsOf(() => upkeep.takeStock());
    expect(again.map(({ statement }) => statement)).toEqual([expect.stringContaining('pg_stat_user_tables')]);
  }, 60_000);
});
