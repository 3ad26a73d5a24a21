import { describe, expect, test } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { inDatabase, mint } from '../admin/office.js';
import { WebhookOffice } from './webhook-office.js';
import { verified } from './webhook-receiver.js';

const office = WebhookOffice.forTests();

/** Has each row take so long, in seconds: a few thousand of them are as much work as millions. */
const slowDown = (when: string, seconds: number) =>
  inDatabase(office.stack, async (sql) => {
    await sql(`CREATE OR REPLACE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN PERFORM pg_sleep(${seconds}); RETURN coalesce(NEW, OLD); END $$`);
    await sql(`CREATE TRIGGER slow ${when} FOR EACH ROW EXECUTE FUNCTION slow()`);
  });
const counted = async (from: string): Promise<number> => {
  const [row] = await inDatabase(office.stack, (sql) => sql(`SELECT count(*)::int AS count FROM ${from}`));
  return Number(row?.['count']);
};

describe('however much there is to do for others', () => {
  test('a delivery is sent at once while old ones are forgotten', async () => {
    const { id, secret } = await office.add();
    const old = `webhook_deliveries WHERE event_id LIKE 'old%'`;
    await inDatabase(office.stack, (sql) =>
      sql(
        `INSERT INTO webhook_deliveries (webhook_id, event_id, type, occurred_at, data, status, next_attempt_at)
         SELECT $1, 'old' || n, 'key.created', now() - interval '31 days', '{}', 'delivered', NULL FROM generate_series(1, 4000) n`,
        [id],
      ),
    );
    await slowDown('BEFORE DELETE ON webhook_deliveries', 0.002);
    await office.restart();
    expect(
      await eventually(
        () => counted(old),
        (left) => left < 4_000,
      ),
    ).toBeLessThan(4_000);
    await mint(office.owner);
    const [event] = await office.receiver.first(1);
    const left = await counted(old);
    expect(event === undefined ? null : verified(secret, event).type).toBe('key.created');
    expect(left).toBeGreaterThan(0);
    await inDatabase(office.stack, (sql) => sql('DROP TRIGGER slow ON webhook_deliveries'));
    expect(
      await eventually(
        () => counted(old),
        (rest) => rest === 0,
      ),
    ).toBe(0);
  });

  test('an account is told of a key that is used up while another has thousands of them', async () => {
    const { secret } = await office.add({ events: ['key.quota_exhausted'] });
    const untold = `limit_counters WHERE key_id LIKE 'key_many%' AND NOT exhaustion_told`;
    await slowDown('BEFORE UPDATE OF exhaustion_told ON limit_counters', 0.005);
    await inDatabase(office.stack, async (sql) => {
      await sql(`INSERT INTO accounts (id, name, default_format) VALUES ('acc_many', 'Many', 'default')`);
      await sql(`INSERT INTO key_formats (account_id, name, prefix, environments, encoding)
        VALUES ('acc_many', 'default', 'mm', '{live}', 'base62')`);
      await sql(`INSERT INTO keys (id, account_id, name, environment, scopes, all_products, product_ids, format, metadata, allowed_cidrs,
          limits, enabled, created_by_type, created_by_id)
        SELECT 'key_many' || n, 'acc_many', 'many', 'live', '{}', false, '{}', 'default', '{}', '{}',
          '{"rateLimits": [], "quota": {"refill": null}}', true, 'system', 'many' FROM generate_series(1, 4000) n`);
      await sql(`INSERT INTO limit_counters (key_id, credits, exhausted_at)
        SELECT id, 0, now() - interval '1 minute' FROM keys WHERE account_id = 'acc_many'`);
    });
    const { id, token } = await mint(office.owner, { scopes: ['garments:read'], quota: { remaining: 1 } });
    await fetch(`${office.stack.exampleUrl}/api/v1/garments`, { headers: { authorization: `Bearer ${token}` } });
    const [event] = await office.receiver.first(1);
    const left = await counted(untold);
    expect(event === undefined ? null : verified(secret, event).data).toMatchObject({ id });
    expect(left).toBeGreaterThan(0);
    await inDatabase(office.stack, (sql) => sql('DROP TRIGGER slow ON limit_counters'));
    expect(
      await eventually(
        () => counted(untold),
        (rest) => rest === 0,
      ),
    ).toBe(0);
  });
});
