import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { LogConnection, PostgresChangeLog } from '#libs/coherence';
import { freshDatabase, type FreshDatabase } from '../../support/fresh-database.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { openPersistence } from './postgres-harness.js';

const NUMBER = { name: 'number', text: 'SELECT 1 AS number' };
const WAIT = { name: 'wait', text: 'SELECT pg_sleep(5)' };

let database: FreshDatabase;
let proxy: TcpProxy;
let client: Client;
let troubles: unknown[];
let heard: number;
const open: LogConnection[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  proxy = await TcpProxy.before(database.url);
  await (await openPersistence(database.url)).close();
  client = new Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  proxy.restore();
  await Promise.all(open.splice(0).map((connection) => connection.close()));
});
afterAll(async () => {
  await client.end();
  await proxy.stop();
});

async function connect(poolSize = 2): Promise<LogConnection> {
  troubles = [];
  heard = 0;
  const connection = new LogConnection({ url: proxy.url, poolSize, onTrouble: (error) => troubles.push(error) });
  open.push(connection);
  connection.listen('mintmark_test', () => (heard += 1));
  await connection.open();
  return connection;
}

async function until(met: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
  for (const deadline = Date.now() + withinMs; !(await met());) {
    if (Date.now() > deadline) throw new Error('not in time');
    await sleep(20);
  }
}

/** Connections of the log's that the server knows, and what they do. */
async function sessions(): Promise<readonly string[]> {
  const { rows } = await client.query<{ query: string }>(
    `SELECT query FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'mintmark log'`,
  );
  return rows.map(({ query }) => query);
}

describe('connections to the log', () => {
  test('hear what is notified, and that something may have been missed, each time they have begun to listen', async () => {
    await connect();
    expect(heard).toBe(1);
    await client.query('NOTIFY mintmark_test');
    await until(() => heard === 2);
    proxy.cut();
    await sleep(600);
    proxy.restore();
    await until(() => heard === 3);
    await client.query('NOTIFY mintmark_test');
    await until(() => heard === 4);
    await until(async () => (await sessions()).filter((query) => !query.includes('number')).length === 1);
  });

  test('notice that the one which listens is cut off though nothing says so, and listen again once they can', async () => {
    await connect();
    proxy.stall();
    await until(() => troubles.length > 0, 8_000);
    proxy.restore();
    await until(() => heard > 1);
    await client.query('NOTIFY mintmark_test');
    const before = heard;
    await until(() => heard > before);
  }, 30_000);

  test('give up a statement that takes too long, and the connection with it', async () => {
    const connection = await connect(1);
    const began = performance.now();
    await expect(connection.query(WAIT)).rejects.toMatchObject({ code: 'unavailable' });
    expect(performance.now() - began).toBeLessThan(1_500);
    expect(await connection.query(NUMBER)).toEqual([{ number: 1 }]);
    await until(async () => !(await sessions()).some((query) => query.includes('pg_sleep')));
  });

  test('serve more callers than there are of them', async () => {
    const connection = await connect(2);
    const rows = await Promise.all(Array.from({ length: 100 }, () => connection.query(NUMBER)));
    expect(rows.flat()).toHaveLength(100);
    expect((await sessions()).length).toBeLessThanOrEqual(3);
  });

  test('fail at once without a server, say so without its words, and make no more than one attempt to listen at a time', async () => {
    const connection = await connect();
    proxy.cut();
    await expect(connection.query(NUMBER)).rejects.toMatchObject({
      code: 'unavailable',
      detail: expect.stringMatching(/^[\w ]+$/),
    });
    await sleep(2_000);
    expect(troubles.length).toBeLessThanOrEqual(12);
    expect(JSON.stringify(troubles) + troubles.map(String).join('')).not.toMatch(/127\.0\.0\.1|postgres(ql)?:/);
  });

  test('are closed within two seconds though the server says nothing, and leave nothing that would be tried again', async () => {
    const connection = await connect();
    proxy.stall();
    const began = performance.now();
    await connection.close();
    open.splice(0);
    expect(performance.now() - began).toBeLessThan(2_000);
    proxy.restore();
    await until(async () => (await sessions()).length === 0);
    await sleep(600);
    expect(await sessions()).toEqual([]);
  });
});

describe('the journal as the log', () => {
  test('a renewal counts and a confirmation does not; whoever waits is told of news, and of nothing else', async () => {
    let progress = 0;
    const fresh = new LogConnection({ url: database.url, poolSize: 1, onTrouble: () => undefined });
    open.push(fresh);
    const log = new PostgresChangeLog(fresh);
    log.onProgress(() => (progress += 1));
    await fresh.open();
    progress = 0;
    const { position, epoch } = await log.join('ver_1');
    const member = { id: 'ver_1', epoch };
    for (let time = 0; time < 3; time += 1) {
      expect(await log.exchange(member, { position, exceptions: [], staleGuards: 0 }, true)).toMatchObject({
        outcome: 'current',
        complete: true,
      });
    }
    await until(() => progress === 1);
    expect((await log.members()).members).toEqual([{ id: 'ver_1', position, exceptions: [], renewals: 3, staleGuards: 0 }]);
    await log.exchange(member, { position, exceptions: [1, 2], staleGuards: 0 }, false);
    await until(() => progress === 2);
    expect((await log.members()).members).toEqual([{ id: 'ver_1', position, exceptions: [1, 2], renewals: 3, staleGuards: 0 }]);
    await sleep(100);
    expect(progress).toBe(2);
    await log.leave(member);
    expect(await log.exchange(member, { position, exceptions: [], staleGuards: 0 }, true)).toEqual({ outcome: 'lost' });
  });
});
