import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { mintToken, PepperRing, STARTING_FORMATS, tokenSha256 } from '#libs/key-domain';
import { createLog } from '#libs/observability';
import { PostgresKeyStore } from '#libs/persistence';
import { recordSecret } from '../../support/evidence.js';
import { aKey, aSecret, BY } from '../../conformance/factories.js';
import { openPersistence } from '../../conformance/postgres/postgres-harness.js';
import { Fleet, verdict } from './fleet.js';

/** Postgres counts a backend's transactions within a second of its falling idle. */
const COUNTED_WITHIN_MS = 1_500;

let fleet: Fleet;
let client: pg.Client;

beforeAll(async () => {
  fleet = await Fleet.start();
  client = new pg.Client({ connectionString: fleet.installation.stack.databaseUrl });
  await client.connect();
}, 60_000);
afterAll(async () => {
  await client.end();
  await fleet.stop();
});

async function transactions(): Promise<number> {
  await sleep(COUNTED_WITHIN_MS);
  const { rows } = await client.query<{ count: string }>(
    'SELECT xact_commit + xact_rollback AS count FROM pg_stat_database WHERE datname = current_database()',
  );
  return Number(rows[0]?.count);
}

async function transactionsOf(work: () => Promise<void>): Promise<number> {
  const before = await transactions();
  await work();
  return (await transactions()) - before;
}

test('verifications of known and of unknown tokens that were asked for before read nothing from Postgres', async () => {
  const { question } = await fleet.mintKnown();
  const unknown = { tokenSha256: createHash('sha256').update(randomBytes(32)).digest() };
  for (const service of fleet.services) await verdict(service, unknown);
  const idle = await transactionsOf(() => sleep(1_000));
  const busy = await transactionsOf(async () => {
    const until = performance.now() + 1_000;
    let asked = 0;
    while (performance.now() < until || asked < 600) {
      const codes = await Promise.all(
        fleet.services.flatMap((service) => [verdict(service, question), verdict(service, unknown)]),
      );
      expect(codes).toEqual(['VALID', 'NOT_FOUND', 'VALID', 'NOT_FOUND', 'VALID', 'NOT_FOUND']);
      asked += codes.length;
    }
  });
  expect(busy).toBeLessThan(idle + 100);
}, 30_000);

test('a token that every verifier knows to be unknown is accepted as soon as they have heard that it exists', async () => {
  const { stack, admin } = fleet.installation;
  const [format] = STARTING_FORMATS;
  if (format === undefined) throw new Error('no formats');
  const token = mintToken(format, 'live');
  recordSecret('token', token);
  const question = { tokenSha256: Buffer.from(tokenSha256(token)) };
  for (const service of fleet.services) expect(await verdict(service, question)).toBe('NOT_FOUND');
  // No call issues a token of the caller's choice: the store's own creation stands for it.
  const app = await openPersistence(stack.databaseUrl, { log: createLog('test', { write: () => undefined }) });
  const { account } = (await admin.get('/auth/session')).body as { readonly account: { readonly id: string } };
  const [pepper = '', key = ''] = stack.peppers.split(':');
  const peppers = new PepperRing([{ id: pepper, key: Buffer.from(key, 'base64') }]);
  const secret = aSecret(peppers.digest(tokenSha256(token)));
  await app.get(PostgresKeyStore).insert(aKey(account.id, { format: format.name, secret }), BY);
  await app.close();
  await fleet.untilEnforcedBy(3); // a change is in force only when those before it are
  for (const service of fleet.services) expect(await verdict(service, question)).toBe('VALID');
});
