import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type AdminClient, signIn } from '../../support/admin-client.js';
import { type Stack, startStack } from '../../support/stack.js';
import { inDatabase, mint } from '../admin/office.js';
import { User } from './command.js';

interface Entry {
  readonly number: number;
  readonly action: string;
  readonly target: { readonly id: string };
}

let stack: Stack;
let admin: AdminClient;
let user: User;

beforeAll(async () => {
  stack = await startStack();
  admin = await signIn(stack);
  const { token } = await mint(admin, { name: 'auditor', scopes: ['mintmark:audit:read'] });
  user = await User.arrive({ MINTMARK_ADMIN_URL: stack.adminUrl, MINTMARK_MANAGEMENT_KEY: token });
});
afterAll(async () => {
  await user.leave();
  await stack.stop();
});

const entriesIn = (lines: string) =>
  lines
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Entry);

describe('tail', () => {
  test('shows the latest entries, the last of them last', async () => {
    const minted = [await mint(admin), await mint(admin)];
    const { stdout } = await user.run(['audit', 'tail', '--json', '-n', '2', '--action', 'key.created']);
    expect(entriesIn(stdout).map(({ target }) => target.id)).toEqual(minted.map(({ id }) => id));
    const text = await user.run(['audit', 'tail', '-n', '1']);
    expect(text.stdout).toMatch(/^\d+\t[^\n]*\tkey\.created\tkey key_[^\n]*\n$/);
  });

  test('follows what is put down meanwhile, until Ctrl-C ends it at once: 130', async () => {
    const child = user.start(['--json', 'audit', 'tail', '-n', '1', '--follow', '--interval', '1']);
    if (child.stdout === null) throw new Error('spawned without pipes');
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const next = async () => JSON.parse(((await lines.next()) as { value: string }).value) as Entry;
    const first = await next();
    const { id } = await mint(admin);
    const second = await next();
    expect(second).toMatchObject({ action: 'key.created', target: { id } });
    expect(second.number).toBeGreaterThan(first.number);
    const ended = once(child, 'exit');
    child.kill('SIGINT');
    expect(await ended).toEqual([130, null]);
  });
});

describe('export', () => {
  test('writes all of it, oldest first, to a file for nobody else to read', async () => {
    expect(await user.run(['audit', 'export', '-o', 'record.jsonl'])).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    const file = join(user.home, 'record.jsonl');
    const numbers = entriesIn(await readFile(file, 'utf8')).map(({ number }) => number);
    expect(numbers).toEqual(numbers.map((_, index) => index + 1));
    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  test('writes CSV to standard output', async () => {
    const { exitCode, stdout } = await user.run(['audit', 'export', '--format', 'csv', '--action', 'key.created']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^"number","at",/);
  });

  test('leaves no file where it fails', async () => {
    const ran = await user.run(['audit', 'export', '-o', 'never.jsonl', '--from', 'yesterday']);
    expect(ran).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('from: ') });
    expect(await user.run(['audit', 'export', '-o', 'no/such/directory'])).toMatchObject({ exitCode: 1, stdout: '' });
    expect((await readdir(user.home)).filter((name) => name.startsWith('never'))).toEqual([]);
  });

  test('ends quietly when its reader does', async () => {
    const child = user.start(['audit', 'export']);
    let complained = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (complained += text));
    child.stdout?.destroy();
    expect(await once(child, 'close')).toEqual([0, null]);
    expect(complained).toBe('');
  });
});

describe('verify', () => {
  test('tells the head of a whole record, and knows it again', async () => {
    const { stdout, exitCode } = await user.run(['audit', 'verify']);
    expect(exitCode).toBe(0);
    const head = /^head\t(\d+:[0-9a-f]{64})$/m.exec(stdout)?.[1] ?? '';
    expect(await user.json(['audit', 'verify', '--noted', head])).toMatchObject({ valid: true, firstBroken: null });
  });

  test('tells where a record is not whole: 6', async () => {
    await inDatabase(stack, async (sql) => {
      await sql('ALTER TABLE audit_entries DISABLE TRIGGER USER');
      await sql("UPDATE audit_entries SET action = 'key.updated' WHERE number = 2");
      await sql('ALTER TABLE audit_entries ENABLE TRIGGER USER');
    });
    const ran = await user.run(['audit', 'verify', '--json']);
    expect(ran).toMatchObject({ exitCode: 6, stderr: 'mintmark: the record is not whole: entry 2, altered\n' });
    expect(JSON.parse(ran.stdout)).toMatchObject({ valid: false, firstBroken: { number: 2 } });
  });
});
