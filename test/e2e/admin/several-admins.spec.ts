import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { appCommand, Child } from '../../support/child.js';
import { recordSecret } from '../../support/evidence.js';
import { freshDatabase } from '../../support/fresh-database.js';

const ADMINS = 3;
const READY_WITHIN_MS = 20_000;
jest.setTimeout(READY_WITHIN_MS);

let database: string;
let directories: string[];
const running: Child[] = [];
const password = secret('password', randomBytes(9).toString('base64url'));
const pepper = secret('pepper', randomBytes(32).toString('base64'));

function secret(kind: 'password' | 'pepper', value: string): string {
  recordSecret(kind, value);
  return value;
}

function startAdmin(directory: string, variables: Record<string, string> = {}): Child {
  const env = {
    MINTMARK_DATABASE_URL: database,
    MINTMARK_HOST: '127.0.0.1',
    MINTMARK_ADMIN_PORT: '0',
    MINTMARK_DATA_DIR: directory,
    MINTMARK_PEPPERS: `first:${pepper}`,
    ...variables,
  };
  const child = Child.start(appCommand('admin'), env, directory);
  running.push(child);
  return child;
}

async function query(statement: string): Promise<readonly object[]> {
  const client = new Client({ connectionString: database });
  await client.connect();
  try {
    return (await client.query<object>(statement)).rows;
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  database = (await freshDatabase()).url;
  directories = await Promise.all(Array.from({ length: ADMINS }, () => mkdtemp(join(tmpdir(), 'mintmark-admin-'))));
});
afterAll(async () => {
  await Promise.all(running.filter(({ isRunning }) => isRunning).map((child) => child.signal('SIGTERM')));
  await Promise.all(directories.map((directory) => rm(directory, { recursive: true })));
});

describe('admins that start at once on an empty database', () => {
  test('with the bootstrap variables make one owner and one service key between them, and all serve', async () => {
    const owner = { MINTMARK_BOOTSTRAP_EMAIL: 'owner@example.com', MINTMARK_BOOTSTRAP_PASSWORD: password };
    const admins = directories.map((directory) => startAdmin(directory, owner));
    await Promise.all(admins.map((admin) => admin.untilSurfaces(['admin'], READY_WITHIN_MS)));
    expect(admins.map(({ surfaces }) => [...surfaces.keys()])).toEqual(Array(ADMINS).fill(['admin']));
    expect(await query('SELECT name FROM keys')).toEqual([{ name: 'Service key' }]);
    const files = await Promise.all(
      directories.map((directory) => readFile(join(directory, 'service-key'), 'utf8').catch(() => null)),
    );
    const [token, ...others] = files.filter((file) => file !== null);
    recordSecret('service-key', String(token));
    expect([token, others]).toEqual([expect.stringMatching(/^mm_live_[0-9A-Za-z]{44}$/), []]);
  });

  test('ignore the variables afterwards', async () => {
    const [directory = ''] = directories;
    const admin = startAdmin(directory, {
      MINTMARK_BOOTSTRAP_EMAIL: 'second@example.com',
      MINTMARK_BOOTSTRAP_PASSWORD: password,
    });
    await admin.untilSurfaces(['admin'], READY_WITHIN_MS);
    expect(await query('SELECT email FROM people')).toEqual([{ email: 'owner@example.com' }]);
    expect(admin.log.join('\n')).toContain('MINTMARK_BOOTSTRAP_PASSWORD are ignored: the installation is set up');
  });

  test('tell of a variable that is none of theirs, by its name alone, and of the signal that stops them', async () => {
    const [directory = ''] = directories;
    const admin = startAdmin(directory, { MINTMARK_ADMINPORT: 'a-misspelt-value' });
    await admin.untilSurfaces(['admin'], READY_WITHIN_MS);
    await admin.signal('SIGTERM');
    const said = admin.log.join('\n');
    expect(said).toContain('"variable":"MINTMARK_ADMINPORT"');
    expect(said).not.toContain('a-misspelt-value');
    expect(said).toContain('"signal":"SIGTERM","message":"stopping"');
  });
});

describe('an admin with other peppers than the database', () => {
  test.each([
    ['none of the id that keys were stored under', `second:${randomBytes(32).toString('base64')}`],
    ['another value of that id', `first:${randomBytes(32).toString('base64')}`],
  ])('does not start, and names the id: %s', async (_, peppers) => {
    secret('pepper', peppers.replace(/^[^:]*:/, ''));
    const [directory = ''] = directories;
    const admin = startAdmin(directory, { MINTMARK_PEPPERS: peppers });
    expect((await admin.ended).code).toBe(1);
    const said = admin.log.join('\n');
    expect(said).toMatch(/MINTMARK_PEPPERS: .*\bfirst\b/);
    expect(said).not.toMatch(/\n\s+at /);
  });
});
