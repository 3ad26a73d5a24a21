import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { runShell } from '../../support/shell.js';
import { type Stack, startStack } from '../../support/stack.js';
import { embeddedServer, garmentsStatus, isRunning, mintGarmentKey } from './embedded.js';

describe('an installation on the embedded Postgres', () => {
  let stack: Stack;
  let key: string;

  beforeAll(async () => {
    stack = await startStack({ database: 'embedded' });
    key = await mintGarmentKey(stack);
  });
  afterAll(() => stack.stop());

  test('keeps its keys between runs', async () => {
    expect(await garmentsStatus(stack, key)).toBe(200);
    await stack.restart();
    expect(await garmentsStatus(stack, key)).toBe(200);
  });

  test('goes on from a copy of its stopped directory, wherever that is put', async () => {
    await stack.kill('SIGTERM');
    const directory = await mkdtemp(join(tmpdir(), 'mintmark-copy-'));
    expect(await runShell(`cp -a '${stack.dataDirectory}/.' '${directory}'`, { cwd: directory })).toMatchObject({ exitCode: 0 });
    await stack.restart();
    const env = { MINTMARK_PEPPERS: stack.env['MINTMARK_PEPPERS'] ?? '' };
    const copy = await startStack({ database: 'embedded', dataDirectory: directory, env });
    expect(await garmentsStatus(copy, key)).toBe(200);
    await copy.stop();
    await rm(directory, { recursive: true });
  });

  test('goes on after kill -9, though its Postgres outlived it', async () => {
    const orphan = await embeddedServer(stack);
    expect(await stack.kill('SIGKILL')).toMatchObject({ signal: 'SIGKILL' });
    expect(isRunning(orphan)).toBe(true);

    await stack.restart();
    expect(isRunning(orphan)).toBe(false);
    expect(await garmentsStatus(stack, key)).toBe(200);
  });

  test('goes on in the same process when Postgres itself is killed', async () => {
    const killed = await embeddedServer(stack);
    const { pid } = stack;
    process.kill(killed.pid, 'SIGKILL');
    while (!stack.logs().join('\n').includes('the embedded Postgres runs again')) await sleep(20);
    while ((await garmentsStatus(stack, key)) !== 200) await sleep(20);
    expect((await embeddedServer(stack)).pid).not.toBe(killed.pid);
    expect(stack.pid).toBe(pid);
    expect(stack.logs().join('\n')).toContain('the embedded Postgres ended by itself');
  });

  test('keeps its secrets from every other user of the machine', async () => {
    const modes = await Promise.all(
      ['.', 'postgres', 'service-key', 'postgres-superuser-password', 'postgres-mintmark-password', 'postgres.log'].map(
        async (name) => [name, ((await stat(join(stack.dataDirectory, name))).mode & 0o077).toString(8)] as const,
      ),
    );
    expect(modes.filter(([, mode]) => mode !== '0')).toEqual([]);
    expect((await readdir(stack.dataDirectory)).filter((name) => name.includes('half') || name.startsWith('claim'))).toEqual([]);
  });

  describe('and its Postgres', () => {
    let port: number;
    let password: string;
    beforeAll(async () => {
      ({ port } = await embeddedServer(stack));
      password = (await readFile(join(stack.dataDirectory, 'postgres-mintmark-password'), 'utf8')).trim();
    });

    async function query(credentials: { user: string; password: string }, text: string): Promise<unknown[]> {
      const client = new Client({ host: '127.0.0.1', port, database: 'mintmark', ...credentials });
      await client.connect();
      const { rows } = await client.query<Record<string, unknown>>(text).finally(() => client.end());
      return rows;
    }

    test('serves the apps as a role that owns its database and is no superuser', async () => {
      const rights =
        'SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls FROM pg_roles WHERE rolname = current_user';
      expect(await query({ user: 'mintmark', password }, rights)).toEqual([
        { rolsuper: false, rolcreatedb: false, rolcreaterole: false, rolreplication: false, rolbypassrls: false },
      ]);
    });

    test.each(['mintmark', 'postgres'])('takes no connection of %s without the right password', async (user) => {
      await expect(query({ user, password: 'guessed' }, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
      await expect(query({ user, password: '' }, 'SELECT 1')).rejects.toThrow();
    });

    test('listens on the loopback address alone', async () => {
      const rows = await query({ user: 'mintmark', password }, 'SHOW listen_addresses');
      expect(rows).toEqual([{ listen_addresses: '127.0.0.1' }]);
    });
  });
});
