import { newId } from '#libs/key-domain';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { STATEMENT_LIMIT_MS } from '../../../libs/persistence/src/connection/options.js';
import { aKey, aWebhook, BY, HOUR_MS } from '../factories.js';
import { type PostgresHarness, postgresHarness } from './postgres-harness.js';

const LONG_AGO = new Date(Date.now() - 200 * 24 * HOUR_MS);

let harness: PostgresHarness;
let operator: Client;

beforeAll(async () => {
  harness = await postgresHarness();
  operator = new Client({ connectionString: harness.url });
  await operator.connect();
});
afterAll(async () => {
  await operator.end();
  await harness.close();
});

test('a webhook is switched off, and deleted, though all that is on its way to it takes longer than a statement may', async () => {
  const accountId = await harness.account();
  const { id } = await harness.webhooks.insert(aWebhook(accountId), BY);
  for (const end of [
    () => harness.webhooks.change(accountId, id, { enabled: false }, BY),
    () => harness.webhooks.delete(accountId, id, BY),
  ]) {
    await operator.query('UPDATE webhooks SET enabled = true WHERE id = $1', [id]);
    await harness.webhooks.sendTest(accountId, id, newId('msg'), BY);
    await operator.query('BEGIN');
    await operator.query('SELECT FROM webhook_deliveries WHERE webhook_id = $1 FOR UPDATE', [id]);
    const ending = end();
    await sleep(STATEMENT_LIMIT_MS + 1_000);
    await operator.query('COMMIT');
    expect(await ending).toBeTruthy();
  }
}, 40_000);

test('an account whose notices fail keeps no other from theirs', async () => {
  const accounts = [await harness.account(), await harness.account()];
  const webhooks: string[] = [];
  for (const accountId of accounts) {
    await harness.rotateAfter(accountId, 90);
    webhooks.push((await harness.webhooks.insert(aWebhook(accountId, { events: ['key.rotation_due'] }), BY)).id);
    const { id } = await harness.keys.insert(aKey(accountId), BY);
    await harness.backdate(id, { key: LONG_AGO, newestSecret: LONG_AGO });
  }
  const [failing, other] = webhooks;
  await operator.query(`ALTER TABLE webhook_deliveries ADD CONSTRAINT fails CHECK (webhook_id <> '${failing}') NOT VALID`);
  for (let look = 0; look < 5; look += 1) {
    await harness.notices.tellSome({ most: 100, everyMs: HOUR_MS }).catch(() => undefined);
  }
  const { rows } = await operator.query<{ id: string }>('SELECT webhook_id AS id FROM webhook_deliveries');
  expect(rows).toEqual([{ id: other }]);
});
