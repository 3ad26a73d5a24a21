import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { anonymous, signIn } from '../../support/admin-client.js';
import { recordSecret } from '../../support/evidence.js';
import { type Stack, startStack } from '../../support/stack.js';
import { errorCode, faultPaths, inDatabase, mint } from './office.js';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ bootstrap: false });
});
afterAll(() => stack.stop());

const setupToken = () => new URL(stack.setupUrl).hash.replace('#token=', '');
const request = (fields: object = {}) => ({
  setupToken: setupToken(),
  accountName: 'Crown Mint',
  email: stack.email,
  password: stack.password,
  ...fields,
});
const setUp = (fields?: object, headers?: Record<string, string>) => anonymous(stack).post('/setup', request(fields), headers);

describe('the page', () => {
  test('comes with a policy that allows no script and no style but its own files', async () => {
    const page = await fetch(`${stack.adminUrl}/setup`);
    const html = await page.text();
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none';script-src 'self';style-src 'self'/);
    expect(html).not.toMatch(/<script(?! type="module" src=)|<style|style=|onclick=/);
    for (const [path, type] of [['page.js', 'text/javascript'] as const, ['page.css', 'text/css'] as const]) {
      const asset = await fetch(`${stack.adminUrl}/setup/${path}`);
      expect(asset.headers.get('content-type')).toContain(type);
    }
  });
});

describe('before it happens', () => {
  test('the link leads to the page and keeps the token from the server', () => {
    recordSecret('setup-token', setupToken());
    expect(stack.setupUrl).toMatch(new RegExp(`^${stack.adminUrl}/setup#token=[A-Za-z0-9_-]{43}$`));
  });

  test('a wrong token, another origin and bad fields make no account', async () => {
    const answers = [
      await setUp({ setupToken: 'wrong' }),
      await setUp({}, { origin: 'https://evil.example' }),
      await setUp({ email: 'nobody', password: 'short', accountName: ' ' }),
    ];
    expect(answers.map((answer) => [answer.status, errorCode(answer)])).toEqual([
      [401, 'unauthorized'],
      [403, 'forbidden'],
      [400, 'invalid_request'],
    ]);
    expect(faultPaths(answers[2] ?? (await setUp()))).toEqual(['accountName', 'email', 'password']);
    expect(await inDatabase(stack, (sql) => sql('SELECT id FROM accounts'))).toEqual([]);
  });

  test('a restart prints the same link', async () => {
    const before = setupToken();
    await stack.restart();
    expect(setupToken()).toBe(before);
  });
});

describe('setting up', () => {
  test('happens once, however many try at once, and signs the owner in', async () => {
    const answers = await Promise.all(Array.from({ length: 5 }, () => setUp()));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409]);
    const done = answers.find(({ status }) => status === 201);
    expect(done?.body).toMatchObject({
      user: { email: stack.email, operator: true },
      account: { name: 'Crown Mint' },
      role: 'owner',
    });
    expect(done?.headers.getSetCookie()[0]).toMatch(/^mintmark_session=/);
    expect(await inDatabase(stack, (sql) => sql('SELECT id FROM accounts'))).toHaveLength(1);
  });

  test('leaves a service key that only its owner can read, and that may verify and nothing else', async () => {
    const path = join(stack.dataDirectory, 'service-key');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    stack.rememberServiceKey(await readFile(path, 'utf8'));
    const { body } = await (await signIn(stack)).get('/keys');
    expect(body).toMatchObject({ data: [{ name: 'Service key', scopes: ['mintmark:tokens:verify'], products: [] }] });
  });

  test('is over ever after, whatever the token, and the page says so', async () => {
    expect((await setUp()).status).toBe(409);
    expect((await setUp({ setupToken: 'wrong' })).status).toBe(409);
    expect(await (await fetch(`${stack.adminUrl}/setup`)).text()).toContain('is set up');
  });

  test('gives the account the three formats and the catalogue of both systems that its users come from', async () => {
    const owner = await signIn(stack);
    const formats = (await owner.get('/key-formats')).body as { data: { name: string; prefix: string }[] };
    expect(formats.data.map(({ name, prefix }) => `${name} ${prefix}`).sort()).toEqual([
      'default mm',
      'garmint gm',
      'keymint at',
    ]);
    const scopes = JSON.stringify((await owner.get('/scopes')).body);
    for (const scope of ['customers:read', 'licenses:block', 'products:all', 'garments:read']) expect(scopes).toContain(scope);
    await mint(owner);
  });
});
