import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { signIn } from '../../support/admin-client.js';
import { recordSecret } from '../../support/evidence.js';
import { type Stack, startStack } from '../../support/stack.js';
import { mint } from '../admin/office.js';
import { User } from './command.js';

let stack: Stack;
let user: User;

beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());
beforeEach(async () => {
  user = await User.arrive();
});
afterEach(() => user.leave());

const login = (more: readonly string[] = []) => ['login', '--url', stack.adminUrl, '--email', stack.email, ...more];

async function signInWithPassword(): Promise<string> {
  const { exitCode, stderr } = await user.run(login(['--password-stdin']), { input: `${stack.password}\n` });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: `Kept in ${user.credentialsFile}.\n` });
  const { secret } = JSON.parse(await readFile(user.credentialsFile, 'utf8')) as { readonly secret: string };
  recordSecret('session', secret);
  return secret;
}

describe('with e-mail and password', () => {
  test('the session is kept for nobody else to read, and the password nowhere', async () => {
    const secret = await signInWithPassword();
    expect((await stat(user.credentialsFile)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(user.credentialsFile))).mode & 0o777).toBe(0o700);
    expect(await readFile(user.credentialsFile, 'utf8')).not.toContain(stack.password);
    expect(await user.json(['status'])).toMatchObject({
      url: stack.adminUrl,
      admin: { status: 'ok' },
      signedInAs: { person: { user: { email: stack.email }, role: 'owner' } },
    });
    expect(JSON.stringify(await user.run(['status']))).not.toContain(secret);
  });

  test('a wrong password signs nobody in: 3', async () => {
    const ran = await user.run(login(['--password-stdin']), { input: 'wrong-password' });
    expect(ran).toMatchObject({ exitCode: 3, stdout: '', stderr: expect.stringMatching(/^mintmark: unauthorized: .*\n$/) });
    await expect(stat(user.credentialsFile)).rejects.toThrow('ENOENT');
  });

  test('logging out ends the session itself, and forgets it', async () => {
    const secret = await signInWithPassword();
    expect(await user.run(['logout'])).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    await expect(stat(user.credentialsFile)).rejects.toThrow('ENOENT');
    const answer = await fetch(`${stack.adminUrl}/api/v1/auth/session`, { headers: { cookie: `mintmark_session=${secret}` } });
    expect(answer.status).toBe(401);
    expect((await user.run(['keys', 'list'])).exitCode).toBe(3);
  });

  test('what was kept for one address is shown to no other', async () => {
    await signInWithPassword();
    const ran = await user.run(['keys', 'list'], { env: { MINTMARK_ADMIN_URL: stack.exampleUrl } });
    expect(ran).toMatchObject({
      exitCode: 3,
      stdout: '',
      stderr: expect.stringContaining(`not signed in at ${stack.exampleUrl} (but at ${stack.adminUrl}`),
    });
  });

  test('a file that others can read is not used', async () => {
    await signInWithPassword();
    await chmod(user.credentialsFile, 0o644);
    expect(await user.run(['keys', 'list'])).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('read by others') });
  });

  test('a file that was cut off is no sign-in', async () => {
    await signInWithPassword();
    await writeFile(user.credentialsFile, '{"url":');
    expect(await user.run(['keys', 'list'])).toMatchObject({ exitCode: 3, stderr: expect.stringContaining('sign in again') });
    expect(await user.run(['logout'])).toMatchObject({ exitCode: 3 });
    expect((await user.run(['logout'])).exitCode).toBe(0);
  });
});

describe('with a management key', () => {
  test('it is read from standard input, and used', async () => {
    const { token, id } = await mint(await signIn(stack), { name: 'automation', scopes: ['mintmark:keys:read'] });
    const ran = await user.run(['login', '--url', stack.adminUrl, '--key-stdin'], { input: `${token}\n` });
    expect(ran.exitCode).toBe(0);
    expect(`${ran.stdout}${ran.stderr}`).not.toContain(token);
    expect(await user.json(['status'])).toMatchObject({ signedInAs: { key: { id, scopes: ['mintmark:keys:read'] } } });
    const refused = await user.run(['keys', 'create', 'another']);
    expect(refused).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringMatching(/^mintmark: forbidden: .*\n$/) });
  });

  test('the variables count before what was kept', async () => {
    await signInWithPassword();
    const { token, id } = await mint(await signIn(stack), { scopes: ['mintmark:keys:read'] });
    const env = { MINTMARK_ADMIN_URL: stack.adminUrl, MINTMARK_MANAGEMENT_KEY: token };
    expect(await user.json(['status'], { env })).toMatchObject({ signedInAs: { key: { id } } });
  });

  test('a key that is revoked is told as not signed in: 3', async () => {
    const admin = await signIn(stack);
    const { token, id } = await mint(admin, { scopes: ['mintmark:keys:read'] });
    await admin.delete(`/keys/${id}`);
    const env = { MINTMARK_ADMIN_URL: stack.adminUrl, MINTMARK_MANAGEMENT_KEY: token };
    const ran = await user.run(['keys', 'list'], { env });
    expect(ran).toMatchObject({ exitCode: 3, stdout: '', stderr: expect.stringMatching(/^mintmark: unauthorized: .*\n$/) });
    expect(ran.stderr).not.toContain(token);
    expect(await user.run(['status'], { env })).toMatchObject({ exitCode: 3, stdout: expect.stringContaining('signed in\tno') });
  });

  test('a text that can be no key is refused without being shown: 2', async () => {
    const env = { MINTMARK_ADMIN_URL: stack.adminUrl, MINTMARK_MANAGEMENT_KEY: 'mm_live_half\nother-half' };
    const ran = await user.run(['keys', 'list'], { env });
    expect(ran).toMatchObject({ exitCode: 2, stdout: '' });
    expect(ran.stderr).not.toMatch(/half/);
  });
});

describe('an address', () => {
  test('where nobody listens: 4', async () => {
    const ran = await user.run(['status'], { env: { MINTMARK_ADMIN_URL: 'http://127.0.0.1:9' } });
    expect(ran).toMatchObject({ exitCode: 4, stdout: '', stderr: expect.stringMatching(/^mintmark: .*can't be reached.*\n$/) });
  });

  test('of something else than an admin: 4', async () => {
    const env = { MINTMARK_ADMIN_URL: `${stack.exampleUrl}/elsewhere`, MINTMARK_MANAGEMENT_KEY: 'a-key' };
    expect(await user.run(['keys', 'list'], { env })).toMatchObject({ exitCode: 4, stdout: '' });
  });

  test.each(['http://keys.example.com', 'ftp://127.0.0.1', 'keys', 'http://user@127.0.0.1'])(
    '%s is told no secret: 2',
    async (url) => {
      const ran = await user.run(['keys', 'list'], { env: { MINTMARK_ADMIN_URL: url, MINTMARK_MANAGEMENT_KEY: 'a-key' } });
      expect(ran).toMatchObject({ exitCode: 2, stdout: '', stderr: expect.stringMatching(/^mintmark: .*\n$/) });
    },
  );
});

test.each([
  [['login', 'mm_live_secret'], 2],
  [['login', '--key=mm_live_secret'], 2],
  [['login', '--password-stdin'], 2],
  [['keys', 'lst'], 2],
  [['keys', 'list', '--limit', '0'], 2],
  [['keys', 'list', '--status', 'dead'], 2],
  [['keys', 'create'], 2],
  [['keys', 'create', 'x', '--metadata', '[]'], 2],
  [['keys', 'rotate', 'x', '--grace', 'long'], 2],
  [['audit', 'verify', '--noted', '1:ab'], 2],
])('%j ends with %i before anything is asked, in one line that repeats no secret', async (args, exitCode) => {
  const ran = await user.run(args);
  expect(ran).toMatchObject({ exitCode, stdout: '', stderr: expect.stringMatching(/^mintmark: [^\n]*\n$/) });
  expect(ran.stderr).not.toContain('secret');
});
