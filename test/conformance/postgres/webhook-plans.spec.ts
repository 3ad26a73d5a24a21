import { idsAtOnce } from '#libs/key-domain';
import { PostgresKeyNotices, PostgresQuotaNotices, PostgresWebhookOutbox, PostgresWebhookStore } from '#libs/persistence';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { aWebhook, BY } from '../factories.js';
import { type Asked, ManyKeys, readWhole, rowsRead } from './many-keys.js';

const HOUR_MS = 3_600_000;
const LARGE = /^(keys|secrets|key_terms|key_notices|webhook_deliveries)$/;

/** Asks Postgres how it goes about what the adapters ask it. */
describe('webhooks, where there are many keys', () => {
  let many: ManyKeys;
  beforeAll(async () => {
    many = await ManyKeys.start();
  }, 120_000);
  afterAll(() => many.stop());
  afterEach(() => many.operator.query('TRUNCATE webhooks, webhook_deliveries, webhook_attempts, notice_rounds, key_notices'));

  async function subscribe(): Promise<string> {
    return (await many.app.get(PostgresWebhookStore).insert(aWebhook(many.accountId), BY)).id;
  }

  describe('look for what falls due', () => {
    const MOST = 200;
    const look = () => many.app.get(PostgresKeyNotices).tellSome({ most: MOST, everyMs: HOUR_MS });
    const pageOf = (event: string, asked: readonly Asked[]) =>
      asked.find(({ statement }) => statement.includes('INSERT INTO key_notices') && statement.includes(`'${event}'`));

    /** The same, with other ids for what it tells. */
    const again = ({ statement, values }: Asked) => ({ statement, values: [...values.slice(0, -1), idsAtOnce('msg')] });

    /** As if each key had been told of, for other expiries and other secrets than it has. */
    const formerNotices = () =>
      many.operator.query(
        `INSERT INTO key_notices (key_id, kind, moment)
         SELECT id, kind, 'epoch' FROM keys, unnest('{expires_in_7_days,rotation_due}'::text[]) kind`,
      );

    /** The statement that looks at some keys for an event, after so many of them. */
    async function page(event: string, number: number): Promise<Asked> {
      for (let found = 0; ;) {
        const asked = pageOf(event, await many.statementsOf(look));
        if (asked !== undefined && (found += 1) === number) return again(asked);
      }
    }

    test.each([
      ['key.expiring', 'keys_expiry_day_idx', 1],
      ['key.rotation_due', 'secrets_made_day_idx', 1],
      ['key.rotation_due', 'secrets_made_day_idx', 20],
    ])(
      'for %s, by %s: statement number %d reads no table whole, and no more keys than it looks at',
      async (event, index, number) => {
        await subscribe();
        await formerNotices();
        await many.operator.query('VACUUM ANALYZE key_notices');
        const plan = await many.carriedOut(await page(event, number));
        expect(readWhole(plan)).not.toContainEqual(expect.stringMatching(LARGE));
        expect(plan.map((node) => node['Index Name'])).toContain(index);
        expect(rowsRead(plan, 'keys')).toBeLessThanOrEqual(4 * MOST);
        expect(rowsRead(plan, 'secrets')).toBeLessThanOrEqual(4 * MOST);
      },
    );

    test('once all is told they read a day’s keys, and no more notices than those', async () => {
      await subscribe();
      let looks = 0;
      for (; await look(); looks++);
      expect(looks).toBeGreaterThan(50);
      await many.operator.query('VACUUM ANALYZE key_notices, webhook_deliveries');
      const asked = await many.statementsOf(async () => {
        await many.operator.query('UPDATE notice_rounds SET next_at = now()');
        for (let turns = 0; await look(); turns++) expect(turns).toBeLessThan(5);
      });
      for (const event of ['key.expiring', 'key.rotation_due']) {
        const statement = pageOf(event, asked);
        if (statement === undefined) throw new Error(`nobody looked for ${event}`);
        const plan = await many.carriedOut(again(statement));
        expect(readWhole(plan)).not.toContainEqual(expect.stringMatching(LARGE));
        expect(rowsRead(plan, 'key_notices')).toBeLessThanOrEqual(2 * MOST);
      }
    });

    test('nobody looks at any key of an account of which no webhook wants to be told', async () => {
      const silent = aWebhook(many.accountId, { events: ['key.created', 'key.revoked'] });
      await many.app.get(PostgresWebhookStore).insert(silent, BY);
      const asked = await many.statementsOf(async () => {
        expect(await look()).toBe(false);
      });
      expect((await many.plansOf(asked)).map((node) => node['Relation Name'])).not.toContainEqual(expect.stringMatching(LARGE));
    });
  });

  test('look for keys that were used up without reading those that are not, or were told of', async () => {
    await subscribe();
    await many.operator.query(
      `UPDATE limit_counters SET exhausted_at = now(), exhaustion_told = right(key_id, 2) <> '12' WHERE right(key_id, 1) < '5'`,
    );
    await many.operator.query('VACUUM ANALYZE limit_counters');
    const notices = many.app.get(PostgresQuotaNotices);
    const asked = await many.statementsOf(async () => {
      expect(await notices.accountToTell([])).toBe(many.accountId);
      expect(await notices.tell(many.accountId, 50)).toBe(50);
    });
    await many.operator.query('UPDATE limit_counters SET exhaustion_told = false WHERE right(key_id, 2) = $1', ['12']);
    for (const { statement, values } of asked) {
      const plan = await many.carriedOut({
        statement,
        values: values.map((value) => (isEventId(value) ? idsAtOnce('msg') : value)),
      });
      expect(readWhole(plan)).not.toContainEqual(expect.stringMatching(/^(keys|limit_counters)$/));
      expect(rowsRead(plan, 'limit_counters')).toBeLessThanOrEqual(150);
      expect(rowsRead(plan, 'keys')).toBeLessThanOrEqual(150);
    }
  });
  const isEventId = (value: unknown) => typeof value === 'string' && value.startsWith('msg');

  /** So many deliveries of a webhook, half of them due. */
  const fill = (webhook: string, count: number, after = 0) =>
    many.operator.query(
      `INSERT INTO webhook_deliveries (webhook_id, event_id, type, occurred_at, data, next_attempt_at)
       SELECT $1, 'msg_' || lpad(n::text, 26, '0'), 'key.created', now(), '{}', now() + (n % 2 * 2 - 1) * interval '1 hour'
       FROM generate_series($2 + 1, $2 + $3) n`,
      [webhook, after, count],
    );

  test.each([1, 50, 5_000])(
    'list as many deliveries as they show, where Postgres believes that there are %d still',
    async (few) => {
      const webhook = await subscribe();
      await fill(webhook, few);
      await many.operator.query('VACUUM ANALYZE webhook_deliveries, webhook_attempts, webhooks');
      await fill(webhook, 60_000, few);
      const before = 'msg_' + '30000'.padStart(26, '0');
      const asked = await many.statementsOf(async () => {
        const page = await many.app.get(PostgresWebhookStore).deliveries(many.accountId, webhook, { limit: 200, before });
        expect([page.deliveries.length, page.hasMore]).toEqual([200, true]);
      });
      for (const statement of asked)
        expect(rowsRead(await many.carriedOut(statement), 'webhook_deliveries')).toBeLessThanOrEqual(201);
    },
  );

  describe('take what is due from a long queue', () => {
    const limits = { most: 128, mostOfOne: 4, mostOfAccount: 64, busy: [], leaseMs: HOUR_MS };

    test.each([1, 3, 20])('of %d webhooks without reading it', async (count) => {
      const webhooks = [];
      for (let n = 0; n < count; n++) webhooks.push(await subscribe());
      for (const [n, webhook] of webhooks.entries()) await fill(webhook, n === 0 ? 60_000 : 300);
      await many.operator.query('VACUUM ANALYZE webhook_deliveries, webhooks');
      const [claim] = await many.statementsOf(async () => {
        expect(await many.app.get(PostgresWebhookOutbox).claim(limits)).toHaveLength(Math.min(64, 4 * count));
      });
      if (claim === undefined) throw new Error('nothing was asked');
      const plan = await many.carriedOut(claim);
      expect(readWhole(plan)).not.toContain('webhook_deliveries');
      // Of each webhook: those that are taken, when they are found and when they are changed, and where the next one begins.
      expect(rowsRead(plan, 'webhook_deliveries')).toBeLessThanOrEqual(12 * count + 64);
    });
  });
});
