import { createLog, StartError } from '#libs/observability';
import { DatabaseHealth, openDatabase } from '#libs/persistence';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { openPersistence } from './postgres-harness.js';

describe('start', () => {
  let database: FreshDatabase;
  beforeAll(async () => {
    database = await freshDatabase();
  });
  afterAll(() => database.drop());

  const startFailure = async (url: string): Promise<StartError> => {
    const log = createLog('start', { write: () => undefined });
    const failure: unknown = await openDatabase({ url, migrate: 'run', log, startLimitMs: 600 }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(StartError);
    return failure as StartError;
  };
  const changed = (change: (url: URL) => void): string => {
    const url = new URL(database.url);
    change(url);
    return url.href;
  };

  test('a server that can’t be reached is named, with what to do, and without the password', async () => {
    const { message } = await startFailure('postgresql://app:hunter2@127.0.0.1:1/mintmark');
    expect(message).toBe(
      'Postgres at 127.0.0.1:1/mintmark could not be reached for 0.6 s (ECONNREFUSED): start it, or correct MINTMARK_DATABASE_URL.',
    );
  });

  test('a wrong password is told at once', async () => {
    const { message } = await startFailure(changed((url) => (url.password = 'hunter2')));
    expect(message).toContain('refuses the user or the password');
    expect(message).not.toContain('hunter2');
  });

  test('a database that does not exist is told at once', async () => {
    const { message } = await startFailure(changed((url) => (url.pathname = '/nowhere')));
    expect(message).toContain('/nowhere: create it');
  });

  test('a server that comes up a little later is waited for', async () => {
    const proxy = await TcpProxy.before(database.url);
    proxy.cut();
    const opening = openPersistence(proxy.url);
    await sleep(700);
    proxy.restore();
    const app = await opening;
    await expect(app.get(DatabaseHealth).ping()).resolves.toBeUndefined();
    await app.close();
    await proxy.stop();
  });

  test('two apps of one process have each a database of its own, and closing one leaves the other', async () => {
    const apps = [await openPersistence(database.url), await openPersistence(database.url, { migrate: 'wait' })] as const;
    await apps[0].close();
    await expect(apps[1].get(DatabaseHealth).ping()).resolves.toBeUndefined();
    await apps[1].close();
  });
});
