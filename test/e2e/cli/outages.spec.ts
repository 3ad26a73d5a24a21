import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { type AdminClient, signIn } from '../../support/admin-client.js';
import { freshDatabase } from '../../support/fresh-database.js';
import { type Stack, startStack } from '../../support/stack.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { mint } from '../admin/office.js';
import { User } from './command.js';

let stack: Stack;
/** Between the admin and its database, to which tests go directly. */
let database: TcpProxy;
let databaseUrl: string;
/** Between the command and the admin. */
let way: TcpProxy;
let admin: AdminClient;
let user: User;

beforeAll(async () => {
  databaseUrl = (await freshDatabase()).url;
  database = await TcpProxy.before(databaseUrl);
  stack = await startStack({ database: { url: database.url } });
  way = await TcpProxy.before(stack.adminUrl);
  admin = await signIn(stack);
  const { token } = await mint(admin, { scopes: ['mintmark:keys:read', 'mintmark:keys:write'] });
  user = await User.arrive({ MINTMARK_ADMIN_URL: way.url, MINTMARK_MANAGEMENT_KEY: token });
});
afterAll(async () => {
  await user.leave();
  await way.stop();
  await stack.stop();
  await database.stop();
});

/** While nobody can read or write a table. */
async function withLocked<Result>(table: string, work: () => Promise<Result>): Promise<Result> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(`BEGIN; LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
    return await work();
  } finally {
    await client.end();
  }
}

/** What looks up the key that a request came with. The admin's background work asks no such thing, and waits for the same lock. */
const LOOKS_UP_A_KEY = `
  SELECT FROM pg_stat_activity
   WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%date_part(''epoch'', clock_timestamp())%'
     AND pid <> pg_backend_pid()`;

/** Until a request waits for a lock. Asked on a connection of its own: within a transaction the database keeps giving its first answer. */
async function untilARequestWaits(): Promise<void> {
  const observer = new Client({ connectionString: databaseUrl });
  await observer.connect();
  try {
    for (;;) {
      const { rowCount } = await observer.query(LOOKS_UP_A_KEY);
      if ((rowCount ?? 0) > 0) return;
      await sleep(20);
    }
  } finally {
    await observer.end();
  }
}

test('a change that is committed and not known to be in force ends with 5', async () => {
  const { id } = await mint(admin);
  const ran = await withLocked('verifiers', () => user.run(['keys', 'delete', id, '--yes']));
  expect(ran).toMatchObject({
    exitCode: 5,
    stdout: '',
    stderr: expect.stringMatching(/^mintmark: enforcement_unconfirmed: .*\n$/),
  });
});

test('a revocation is asked for again until it is known to be in force', async () => {
  const { id } = await mint(admin);
  const { revoking } = await withLocked('verifiers', async () => {
    const revoking = user.run(['--json', 'keys', 'revoke', id]);
    await sleep(4_000); // the first answer comes after three seconds
    return { revoking };
  });
  const { exitCode, stdout } = await revoking;
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ metadata: { status: 'revoked' }, enforced: { ms: expect.any(Number) } });
});

test('a creation whose answer was lost is told by its key, and makes no second one', async () => {
  const creating = await withLocked('keys', async () => {
    const creating = user.run(['keys', 'create', 'lost', '--owner', 'lost']);
    await untilARequestWaits();
    way.cut();
    return { ran: creating };
  });
  way.restore();
  const { exitCode, stdout, stderr } = await creating.ran;
  const keys = (await user.json(['keys', 'list', '--owner', 'lost'])) as readonly { readonly id: string }[];
  expect(keys).toHaveLength(1);
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: '' });
  expect(stderr).toMatch(new RegExp(`^mintmark: conflict: .*${keys[0]?.id ?? 'none'}\\n$`));
});

test('while the database is away the admin is told as unavailable: 4, and nothing is created', async () => {
  database.cut();
  const [creating, status] = await Promise.all([user.run(['keys', 'create', 'away', '--owner', 'away']), user.run(['status'])]);
  database.restore();
  expect(creating).toMatchObject({ exitCode: 4, stdout: '', stderr: expect.stringMatching(/^mintmark: \S+: .*\n$/) });
  expect(status).toMatchObject({ exitCode: 4, stdout: expect.stringContaining('signed in\tnot known') });
  expect(await user.json(['keys', 'list', '--owner', 'away'])).toEqual([]);
});
