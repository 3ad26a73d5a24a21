import { type MintmarkError, UnavailableError } from '#libs/key-domain';
import { DatabaseHealth } from '#libs/persistence';
import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { aDigest, aFirstAccount, aKey, anybody, BY } from '../factories.js';
import type { StoragePorts } from '../harness.js';
import { openPersistence, portsOf } from './postgres-harness.js';

/** Longest time, in milliseconds, that a question may take whatever has happened to the server. */
const ANSWER_WITHIN_MS = 8_000;

describe('an outage of Postgres', () => {
  let database: FreshDatabase;
  let proxy: TcpProxy;
  let app: INestApplicationContext;
  let ports: StoragePorts;
  let operator: Client;
  const first = aFirstAccount();
  beforeAll(async () => {
    database = await freshDatabase();
    proxy = await TcpProxy.before(database.url);
    app = await openPersistence(proxy.url);
    ports = portsOf(app);
    await ports.installation.setUp(first, BY);
    operator = new Client({ connectionString: database.url });
    await operator.connect();
  }, 60_000);
  afterEach(() => proxy.restore());
  afterAll(async () => {
    await app.close();
    await proxy.stop();
    await operator.end();
    await database.drop();
  });

  const everyQuestion = (): Promise<unknown>[] => [
    ports.lookup.find([aDigest().digest]),
    ports.rules.rulesOf(first.accountId),
    ports.upkeep.recordUses([{ secretId: 'sec_x', keyId: 'key_x', at: new Date() }]),
    ports.upkeep.moveDigest('sec_x', aDigest(), aDigest()),
    ports.usage.add({ source: 'a', number: 1, counts: [] }),
    ports.usage.ofAccount(first.accountId, { granularity: 'hour', from: new Date(0), to: new Date() }),
    ports.usage.prune(),
    ports.keys.insert(aKey(first.accountId), BY),
    ports.keys.find(first.accountId, 'key_x'),
    ports.keys.list(first.accountId, {}, { limit: 1, before: null }),
    ports.keys.revoke(first.accountId, 'key_x', { reason: 'unspecified', description: null }, BY),
    ports.keys.delete(first.accountId, 'key_x', { reason: 'unspecified', description: null }, anybody, BY),
    ports.keys.now(),
    ports.catalogue.products(first.accountId),
    ports.people.findByEmail(first.email),
    ports.people.findSession([aDigest().digest]),
    ports.installation.isSetUp(),
    ports.logChoice.chosen(),
    ports.logChoice.choose('a log'),
    ports.outbox.unpublished(0, 1),
    ports.outbox.markPublished([1]),
    ports.outbox.trim(3_600_000, false),
    ports.installation.reconcilePeppers([]),
    ports.throttle.begin({ address: '192.0.2.1', email: first.email }),
    ports.throttle.succeed({ address: '192.0.2.1', email: first.email }),
    app.get(DatabaseHealth).ping(),
  ];

  async function expectAllUnavailable(): Promise<void> {
    for (const result of await Promise.allSettled(everyQuestion())) {
      const error = result.status === 'rejected' ? (result.reason as MintmarkError) : result.value;
      expect(error).toBeInstanceOf(UnavailableError);
      expect((error as MintmarkError).detail).toMatch(/^(SQLSTATE [0-9A-Z]{5}|E[A-Z]+|[a-z ]+)$/);
    }
  }

  const expectAllAnswered = () => expect(Promise.all(everyQuestion())).resolves.toBeDefined();

  const waitsForLock = async () => {
    for (;;) {
      const { rows } = await operator.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      if (rows.length > 0) return;
      await sleep(20);
    }
  };

  test('while every connection is reset all ports say so, and afterwards they answer, with no restart', async () => {
    await expectAllAnswered();
    proxy.cut();
    await expectAllUnavailable();
    proxy.restore();
    await expectAllAnswered();
  });

  test('while nothing comes through all ports say so in bounded time, and afterwards they answer, with no restart', async () => {
    proxy.stall();
    const began = Date.now();
    await expectAllUnavailable();
    expect(Date.now() - began).toBeLessThan(ANSWER_WITHIN_MS);
    proxy.restore();
    await expectAllAnswered();
  }, 30_000);

  test('idle connections that the server ends are replaced unnoticed', async () => {
    await expectAllAnswered();
    await operator.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
    );
    await sleep(100);
    await expectAllAnswered();
  });

  test('a server that shuts down in the middle of a change leaves nothing of it', async () => {
    const key = await ports.keys.insert(aKey(first.accountId), BY);
    await operator.query('BEGIN');
    await operator.query('SELECT FROM keys WHERE id = $1 FOR UPDATE', [key.id]);
    const revoking = ports.keys.revoke(first.accountId, key.id, { reason: 'unspecified', description: null }, BY);
    const outcome = expect(revoking).rejects.toMatchObject({ name: 'UnavailableError', detail: 'SQLSTATE 57P01' });
    await waitsForLock();
    await operator.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    await outcome;
    await operator.query('ROLLBACK');
    expect((await ports.keys.find(first.accountId, key.id))?.revokedAt).toBeNull();
  });

  test.each([
    ['for a lock that nobody gives up', () => undefined],
    ['for an answer that never comes', () => proxy.stall()],
  ])(
    'a change that waits %s ends as unavailable, and what is changed afterwards is committed',
    async (_, alsoHappens) => {
      const key = await ports.keys.insert(aKey(first.accountId), BY);
      await operator.query('BEGIN');
      await operator.query('SELECT FROM keys WHERE id = $1 FOR UPDATE', [key.id]);
      const revoking = ports.keys.revoke(first.accountId, key.id, { reason: 'unspecified', description: null }, BY);
      const outcome = expect(revoking).rejects.toThrow(UnavailableError);
      await waitsForLock();
      alsoHappens();
      await outcome;
      await operator.query('ROLLBACK');
      proxy.restore();

      const later = await Promise.all(Array.from({ length: 20 }, () => ports.keys.insert(aKey(first.accountId), BY)));
      const committed = await operator.query('SELECT FROM keys WHERE id = ANY ($1)', [later.map(({ id }) => id)]);
      expect(committed.rowCount).toBe(20);
      const { rows } = await operator.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'`,
      );
      expect(rows).toEqual([]);
    },
    30_000,
  );
});
