import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createHash, randomBytes } from 'node:crypto';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { signIn } from '../../support/admin-client.js';
import { recordSecret } from '../../support/evidence.js';
import { type Stack, startStack } from '../../support/stack.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { inDatabase, mint } from '../admin/office.js';
import { User } from './command.js';

interface LineAnswer {
  readonly line: number;
  readonly keyId?: string;
  readonly existing?: boolean;
  readonly error?: { readonly code: string };
}

let stack: Stack;
/** Between the command and the admin. */
let way: TcpProxy;
let user: User;

beforeAll(async () => {
  stack = await startStack();
  way = await TcpProxy.before(stack.adminUrl);
  const admin = await signIn(stack);
  await admin.post('/scopes', { name: 'garments:read', description: 'Read garments' });
  const { token } = await mint(admin, { scopes: ['mintmark:keys:read', 'mintmark:keys:write', 'garments:read'] });
  user = await User.arrive({ MINTMARK_ADMIN_URL: way.url, MINTMARK_MANAGEMENT_KEY: token });
});
afterAll(async () => {
  await user.leave();
  await way.stop();
  await stack.stop();
});

const oldToken = () => `old_${randomBytes(24).toString('base64url')}`;
const line = (fields: object) => JSON.stringify(fields);
const answersIn = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((answer) => JSON.parse(answer) as LineAnswer);

async function file(name: string, lines: readonly string[]): Promise<string> {
  const path = join(user.home, name);
  await writeFile(path, lines.map((text) => `${text}\n`).join(''));
  return path;
}

describe('an import', () => {
  test('answers each line by its number, and repeated makes nothing twice', async () => {
    const token = oldToken();
    recordSecret('token', token);
    const sha256 = createHash('sha256').update(oldToken()).digest('hex');
    const lines = [
      line({ token, name: 'Old', scopes: ['garments:read'] }),
      '',
      line({ sha256 }),
      '{"token":',
      line({ sha256: 'x' }),
    ];
    const path = await file('keys.jsonl', lines);
    const ran = await user.run(['keys', 'import', path]);
    expect(ran).toMatchObject({ exitCode: 1, stderr: '4 lines: 2 imported, 0 there already, 2 failed.\n' });
    const answers = answersIn(ran.stdout);
    expect(answers.map(({ line, error }) => [line, error?.code])).toEqual([
      [1, undefined],
      [3, undefined],
      [4, 'invalid_request'],
      [5, 'invalid_request'],
    ]);
    const used = await fetch(`${stack.exampleUrl}/api/v1/garments`, { headers: { authorization: `Bearer ${token}` } });
    expect(used.status).toBe(200);
    const again = await user.run(['keys', 'import', '-'], { input: await readFile(path, 'utf8') });
    expect(again).toMatchObject({ exitCode: 1, stderr: '4 lines: 0 imported, 2 there already, 2 failed.\n' });
    expect(answersIn(again.stdout).map(({ keyId }) => keyId)).toEqual(answers.map(({ keyId }) => keyId));
    const kept = await user.run(['keys', 'import', path, '--answers', `${path}.answers`]);
    expect(kept.stderr).toContain(`2 failed. See "error" in ${path}.answers.\n`);
  });

  test('goes on where the connection is lost, and answers every line once', async () => {
    const tokens = Array.from({ length: 12_000 }, oldToken);
    const path = await file(
      'many.jsonl',
      tokens.map((token) => line({ token, ownerId: 'many' })),
    );
    const running = user.run(['keys', 'import', path, '--answers', 'many.answers']);
    const importing = async () => {
      const [row] = await inDatabase(stack, (sql) => sql("SELECT count(*)::int AS keys FROM keys WHERE owner_id = 'many'"));
      return Number(row?.['keys']);
    };
    while ((await importing()) === 0) await sleep(20);
    way.cut();
    await sleep(200);
    way.restore();
    const ran = await running;
    expect(ran).toMatchObject({ exitCode: 0, stdout: '' });
    expect(ran.stderr).toMatch(/^12000 lines: \d+ imported, \d+ there already, 0 failed\.\n$/);
    const answers = join(user.home, 'many.answers');
    const numbers = answersIn(await readFile(answers, 'utf8')).map(({ line }) => line);
    expect(numbers).toEqual(tokens.map((_, index) => index + 1));
    expect((await stat(answers)).mode & 0o777).toBe(0o600);
    expect(await importing()).toBe(12_000);
  });

  test('of no file, or over the answers of an earlier one, begins nothing', async () => {
    expect(await user.run(['keys', 'import', 'missing.jsonl'])).toMatchObject({ exitCode: 1, stdout: '' });
    const token = oldToken();
    const path = await file('one.jsonl', [line({ token, ownerId: 'never' })]);
    await file('taken', ['answers']);
    expect(await user.run(['keys', 'import', path, '--answers', 'taken'])).toMatchObject({
      exitCode: 2,
      stdout: '',
      stderr: 'mintmark: taken is there already: name another file for --answers\n',
    });
    expect(await user.json(['keys', 'list', '--owner', 'never'])).toEqual([]);
  });

  test('that is not permitted ends with the refusal: 1', async () => {
    const { token } = await mint(await signIn(stack), { scopes: ['mintmark:keys:read'] });
    const ran = await user.run(['keys', 'import', '-'], {
      input: `${line({ token: oldToken() })}\n`,
      env: { MINTMARK_MANAGEMENT_KEY: token },
    });
    expect(ran).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('mintmark: forbidden: ') });
  });
});
