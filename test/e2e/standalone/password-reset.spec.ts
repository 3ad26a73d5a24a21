import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { anonymous, signIn } from '../../support/admin-client.js';
import { recordSecret } from '../../support/evidence.js';
import { freshDatabase } from '../../support/fresh-database.js';
import { runShell, type ShellResult } from '../../support/shell.js';
import { type Stack, type StackOptions, startStack } from '../../support/stack.js';
import { TcpProxy } from '../../support/tcp-proxy.js';

const MAIN = join(import.meta.dirname, '../../../dist/apps/standalone/src/password-reset/main.js');

async function reset(stack: Stack, email: string, env: Readonly<Record<string, string>> = {}): Promise<ShellResult> {
  const result = await runShell(`'${process.execPath}' '${MAIN}' '${email}'`, {
    cwd: stack.dataDirectory,
    env: { ...stack.env, ...env },
  });
  if (result.stdout !== '') recordSecret('password', result.stdout.trim());
  return result;
}

const statusOf = async (stack: Stack, password: string) =>
  (await anonymous(stack).post('/auth/login', { email: stack.email, password })).status;

describe.each<[string, StackOptions]>([
  ['on a Postgres of its own, while it runs', {}],
  ['on the embedded Postgres, while it is stopped', { database: 'embedded' }],
])('an installation %s', (_, options) => {
  let stack: Stack;
  const isEmbedded = options.database === 'embedded';

  beforeAll(async () => {
    stack = await startStack(options);
  });
  afterAll(() => stack.stop());

  test('gives its only owner, who lost the password, another one: it ends every session, and stands in the record', async () => {
    await signIn(stack);
    if (isEmbedded) await stack.kill('SIGTERM');
    const { exitCode, stdout, stderr } = await reset(stack, stack.email.toUpperCase());
    expect([exitCode, stdout]).toEqual([0, expect.stringMatching(/^[\w-]{22}\n$/)]);
    expect(stderr).toContain('Sessions that ended: 1.');
    if (isEmbedded) await stack.restart();
    const password = stdout.trim();
    expect([await statusOf(stack, stack.password), await statusOf(stack, password)]).toEqual([401, 200]);
    const owner = await signIn(stack, { email: stack.email, password });
    expect((await owner.get('/audit?action=password.changed')).body).toMatchObject({
      data: [{ actor: { type: 'system', id: 'password-reset' }, after: { sessionsEnded: 1 } }],
    });
  });

  test('says of whom it knows nobody, and where it can not look', async () => {
    const nobody = await reset(stack, 'nobody@example.com', isEmbedded ? { MINTMARK_DATABASE_URL: '' } : {});
    const expected = isEmbedded ? /is in use by process \d+/ : /^Nobody in any account has this e-mail address\.\n$/;
    expect(nobody).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringMatching(expected) });
    const elsewhere = await mkdtemp(join(tmpdir(), 'mintmark-nothing-'));
    const none = await reset(stack, stack.email, { MINTMARK_DATABASE_URL: '', MINTMARK_DATA_DIR: elsewhere });
    expect(none).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('There is no installation in') });
    await rm(elsewhere, { recursive: true });
  });
});

describe('whoever resets a password', () => {
  const started = async () => {
    const stack = await startStack();
    ends.push(() => stack.stop());
    return stack;
  };
  const ends: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });

  test('and names the database of something else leaves it as it is', async () => {
    const [stack, other] = [await started(), await freshDatabase()];
    ends.push(() => other.drop());
    const { exitCode, stdout, stderr } = await reset(stack, stack.email, { MINTMARK_DATABASE_URL: other.url });
    expect([exitCode, stdout, stderr]).toEqual([1, '', expect.stringContaining('correct MINTMARK_DATABASE_URL')]);
    const client = new Client({ connectionString: other.url });
    await client.connect();
    const { rows } = await client.query(`SELECT FROM pg_tables WHERE schemaname = 'public'`);
    await client.end();
    expect(rows).toEqual([]);
  });

  test('and does not hear that it was done is told that it may have been', async () => {
    const stack = await started();
    const proxy = await TcpProxy.before(stack.databaseUrl);
    ends.push(() => proxy.stop());
    proxy.loseAnswersTo('COMMIT');
    const { exitCode, stdout, stderr } = await reset(stack, stack.email, { MINTMARK_DATABASE_URL: proxy.url });
    expect([exitCode, stdout, stderr]).toEqual([1, '', expect.stringContaining('it may have been changed or not')]);
    expect(await statusOf(stack, stack.password)).toBe(401);
  });
});
