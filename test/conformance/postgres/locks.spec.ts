import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type KeyLimits, type Quota, UnavailableError } from '#libs/key-domain';
import { Client } from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { aDigest, aKey, aSecret, aWebhook, anybody, BY } from '../factories.js';
import { anImport } from '../key-import-store.conformance.js';
import { DEFAULT_POOL_SIZE } from '../../../libs/persistence/src/connection/options.js';
import { type PostgresHarness, postgresHarness } from './postgres-harness.js';

const NO_REFILL: KeyLimits = { rateLimits: [], quota: { refill: null } };

/** Somebody who records uses locks the secrets of a key in the order of their ids. This is one who has got half way. */
describe('while somebody else holds locks', () => {
  let harness: PostgresHarness;
  let recorder: Client;
  beforeAll(async () => {
    harness = await postgresHarness();
    recorder = new Client({ connectionString: harness.url });
    await recorder.connect();
  });
  afterAll(async () => {
    await recorder.end();
    await harness.close();
  });

  const REVOCATION = { reason: 'unspecified', description: null } as const;

  test.each([
    ['deleting it', (accountId: string, keyId: string) => harness.keys.delete(accountId, keyId, REVOCATION, anybody, BY)],
    [
      'rotating it',
      (accountId: string, keyId: string) =>
        harness.keys.rotate(accountId, keyId, { secret: aSecret(), graceSeconds: 0, assertMay: () => undefined }, BY),
    ],
  ])('%s while uses of its secrets are recorded waits its turn, and neither locks the other out', async (_, change) => {
    const accountId = await harness.account();
    const key = aKey(accountId);
    const { id: keyId } = await harness.keys.insert(key, BY);
    const lower = `sec_${'0'.repeat(10)}${keyId.slice(-16)}`; // stored after the one whose id is higher
    await harness.addSecret({ id: lower, accountId, keyId, ...aDigest(), endsAt: null, imported: false });

    await recorder.query('BEGIN');
    await lockForUse(lower);
    const changing = change(accountId, keyId);
    await untilSomebodyWaits();
    await lockForUse(key.secret.id);
    await recorder.query('COMMIT');
    expect(await changing).toMatchObject({ key: { id: keyId } });
  });

  test('imports into an account that somebody holds wait on one connection, and leave the others to others', async () => {
    const accountId = await harness.account();
    await recorder.query('BEGIN');
    await recorder.query('SELECT FROM accounts WHERE id = $1 FOR NO KEY UPDATE', [accountId]);
    const keys = Array.from({ length: 2 * DEFAULT_POOL_SIZE }, () => anImport(accountId));
    const importing = Promise.all(keys.map((key) => harness.imports.importKeys(accountId, [key], false, BY)));
    await untilSomebodyWaits();
    expect(await harness.keys.find(accountId, keys[0]?.id ?? '')).toBeNull();
    await recorder.query('COMMIT');
    expect((await importing).map(({ outcomes }) => outcomes[0]?.kind)).toEqual(keys.map(() => 'imported'));
  });

  test('an import that waits too long for the record of its account lets go of that account', async () => {
    const accountId = await harness.account();
    await harness.keys.insert(aKey(accountId), BY);
    await recorder.query('BEGIN');
    await recorder.query('SELECT FROM audit_heads WHERE account_id = $1 FOR NO KEY UPDATE', [accountId]);
    await expect(harness.imports.importKeys(accountId, [anImport(accountId)], false, BY)).rejects.toThrow(UnavailableError);
    // The client gives up half a second after the server has.
    await recorder.query('SELECT FROM accounts WHERE id = $1 FOR NO KEY UPDATE NOWAIT', [accountId]);
    await recorder.query('COMMIT');
  }, 30_000);

  test('a webhook that is switched off while an event is put on its way to it gives that up too', async () => {
    const accountId = await harness.account();
    await harness.keys.insert(aKey(accountId), BY);
    const webhook = await harness.webhooks.insert(aWebhook(accountId), BY);
    await recorder.query('BEGIN');
    await recorder.query('SELECT FROM audit_heads WHERE account_id = $1 FOR NO KEY UPDATE', [accountId]);
    const changing = harness.webhooks.change(accountId, webhook.id, { enabled: false }, BY);
    await untilSomebodyWaits();
    await recorder.query(
      `INSERT INTO webhook_deliveries (webhook_id, event_id, type, occurred_at, data) VALUES ($1, 'msg_late', 'key.created', now(), '{}')`,
      [webhook.id],
    );
    await recorder.query('COMMIT');
    await changing;
    await harness.webhooks.change(accountId, webhook.id, { enabled: true }, BY);
    const { deliveries } = await harness.webhooks.deliveries(accountId, webhook.id, { limit: 9, before: null });
    expect(deliveries.map(({ id, status }) => [id, status])).toEqual([['msg_late', 'failed']]);
  });

  test('a webhook that is switched off while keys fall due is told of none of them until it is on', async () => {
    const accountId = await harness.account();
    const [DAY_MS, madeAt] = [86_400_000, new Date(Date.now() - 30 * 86_400_000)];
    const key = await harness.keys.insert(aKey(accountId, { expiresAt: new Date(Date.now() + 3 * DAY_MS) }), BY);
    await harness.backdate(key.id, { key: madeAt, newestSecret: madeAt });
    const webhook = await harness.webhooks.insert(aWebhook(accountId, { events: ['key.expiring'] }), BY);
    await harness.passRounds(0);
    await recorder.query('BEGIN');
    await recorder.query('UPDATE webhooks SET enabled = false WHERE id = $1', [webhook.id]);
    let told = false;
    const telling = (async () => {
      while (await harness.notices.tellSome({ most: 100, everyMs: DAY_MS }));
      told = true;
    })();
    await untilSomebodyWaits(() => told);
    await recorder.query('COMMIT');
    await telling;
    const deliveries = async () =>
      (await harness.webhooks.deliveries(accountId, webhook.id, { limit: 9, before: null })).deliveries.map(({ type }) => type);
    expect(await deliveries()).toEqual([]);
    await harness.webhooks.change(accountId, webhook.id, { enabled: true }, BY);
    while (await harness.notices.tellSome({ most: 100, everyMs: DAY_MS }));
    expect(await deliveries()).toEqual(['key.expiring']);
  });

  test('uses of keys are counted while the deletion of one of them waits for the record of its account', async () => {
    const accountId = await harness.account();
    const [going, other] = [
      await harness.keys.insert(aKey(accountId), BY),
      await harness.keys.insert(aKey(await harness.account()), BY),
    ];
    await harness.keys.revoke(accountId, going.id, REVOCATION, BY);
    await recorder.query('BEGIN');
    await recorder.query('SELECT FROM audit_heads WHERE account_id = $1 FOR NO KEY UPDATE', [accountId]);
    const deleting = harness.keys.delete(accountId, going.id, REVOCATION, anybody, BY);
    await untilSomebodyWaits();
    const counts = [going, other].map(({ id: keyId }) => ({ keyId, hour: new Date(0), outcome: 'VALID' as const, count: 1 }));
    await harness.usage.add({ source: 'verifier', number: 1, counts });
    await recorder.query('COMMIT');
    expect(await deleting).toMatchObject({ key: { id: going.id } });
    const span = { granularity: 'hour', from: new Date(0), to: new Date(3_600_000) } as const;
    expect(await harness.usage.ofKey(other.accountId, other.id, span)).toMatchObject([{ count: 1 }]);
  });

  test('verifications of a key go on while a change of its quota waits for the record of its account', async () => {
    const quota = { remaining: 10, refill: null };
    const key = await keyOf(await harness.account(), quota);
    await recorder.query('BEGIN');
    await recorder.query('SELECT FROM audit_heads WHERE account_id = $1 FOR NO KEY UPDATE', [key.accountId]);
    const changing = harness.keys.change(key.accountId, key.id, () => ({ quota: { remaining: 50, refill: null } }), BY);
    await untilSomebodyWaits();
    expect(await take(key.id)).toMatchObject([{ left: { quota: { remaining: 9 } } }]);
    await recorder.query('COMMIT');
    await changing;
    expect(await take(key.id)).toMatchObject([{ left: { quota: { remaining: 49 } } }]);
  });

  test('verifications of a key go on while what is to be told of it waits for a webhook that is being deleted', async () => {
    const accountId = await harness.account();
    const key = await keyOf(accountId, { remaining: 1, refill: null });
    const [deleted, kept] = [
      await harness.webhooks.insert(aWebhook(accountId), BY),
      await harness.webhooks.insert(aWebhook(accountId), BY),
    ];
    await take(key.id);
    await recorder.query('BEGIN');
    await recorder.query('DELETE FROM webhooks WHERE id = $1', [deleted.id]);
    const telling = harness.quotaNotices.tell(accountId, 10);
    await untilSomebodyWaits();
    expect(await take(key.id)).toMatchObject([{ counters: { credits: 0 } }]);
    await recorder.query('COMMIT');
    expect(await telling).toBe(1);
    const { deliveries } = await harness.webhooks.deliveries(accountId, kept.id, { limit: 9, before: null });
    expect(deliveries).toMatchObject([{ type: 'key.quota_exhausted' }]);
  });

  test('a webhook that is switched off while a quota is told of is told nothing of it, not once it is on again either', async () => {
    const accountId = await harness.account();
    const key = await keyOf(accountId, { remaining: 1, refill: null });
    const webhook = await harness.webhooks.insert(aWebhook(accountId), BY);
    await take(key.id);
    await recorder.query('BEGIN');
    await recorder.query('UPDATE webhooks SET enabled = false WHERE id = $1', [webhook.id]);
    let isTold = false;
    const telling = harness.quotaNotices.tell(accountId, 10).finally(() => (isTold = true));
    await untilSomebodyWaits(() => isTold);
    await recorder.query('COMMIT');
    await telling;
    await harness.webhooks.change(accountId, webhook.id, { enabled: true }, BY);
    const { deliveries } = await harness.webhooks.deliveries(accountId, webhook.id, { limit: 9, before: null });
    expect(deliveries).toEqual([]);
  });

  test('a key that many verify without a pause, all in vain, is told of', async () => {
    const accountId = await harness.account();
    const { id } = await keyOf(accountId, { remaining: 1, refill: null });
    await take(id);
    let told = 0;
    const verifying = Array.from({ length: DEFAULT_POOL_SIZE - 2 }, async () => {
      while (told === 0) await take(id);
    });
    told = await harness.quotaNotices.tell(accountId, 10).catch(() => NaN);
    await Promise.all(verifying);
    expect(told).toBe(1);
  });

  test.each([
    ['alone', []],
    ['with others', [1]],
  ])('what is counted for the first time, %s, waits for its key a moment, and holds up no other meanwhile', async (_, others) => {
    const accountId = await harness.account();
    const counted = await keyOf(accountId, { remaining: 10, refill: null });
    const { id: fresh } = await harness.keys.insert(aKey(accountId), BY);
    await recorder.query('BEGIN');
    await recorder.query('SELECT FROM keys WHERE id = $1 FOR UPDATE', [fresh]);
    const keyIds = [fresh, ...others.map(() => counted.id)];
    const counting = harness.ledger.take(keyIds.map((keyId) => ({ keyId, limits: NO_REFILL, cost: 1, admits: () => true })));
    const outcome = expect(counting).rejects.toMatchObject({ detail: 'SQLSTATE 55P03' });
    await untilSomebodyWaits();
    await recorder.query('SELECT FROM limit_counters WHERE key_id = $1 FOR NO KEY UPDATE NOWAIT', [counted.id]);
    await outcome;
    await recorder.query('COMMIT');
    expect(await take(counted.id)).toMatchObject([{ left: { quota: { remaining: 9 } } }]);
  });

  test('keys that are being verified are left for the next look, and the others are told of', async () => {
    const accountId = await harness.account();
    const [busy, idle] = [
      await keyOf(accountId, { remaining: 1, refill: null }),
      await keyOf(accountId, { remaining: 1, refill: null }),
    ];
    for (const { id } of [busy, idle]) await take(id);
    await recorder.query('BEGIN');
    await recorder.query('SELECT FROM limit_counters WHERE key_id = $1 FOR NO KEY UPDATE', [busy.id]);
    expect(await harness.quotaNotices.tell(accountId, 10)).toBe(1);
    await expect(harness.quotaNotices.tell(accountId, 10)).rejects.toThrow(UnavailableError);
    await recorder.query('COMMIT');
    expect([await harness.quotaNotices.tell(accountId, 10), await harness.quotaNotices.tell(accountId, 10)]).toEqual([1, 0]);
  });

  const keyOf = (accountId: string, quota: Quota) => harness.keys.insert(aKey(accountId, { quota }), BY);
  const take = (keyId: string) =>
    harness.ledger.take([{ keyId, limits: NO_REFILL, cost: 1, admits: ({ credits }) => (credits ?? 0) > 0 }]);

  const lockForUse = (id: string) => recorder.query('SELECT FROM secrets WHERE id = $1 FOR NO KEY UPDATE', [id]);

  async function untilSomebodyWaits(given: () => boolean = () => false): Promise<void> {
    while (!given()) {
      const { rows } = await recorder.query<{ waiting: number }>(
        `SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      if ((rows[0]?.waiting ?? 0) > 0) return;
      await sleep(10);
    }
  }
});
