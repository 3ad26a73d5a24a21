import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AdminClient, anonymous, signIn } from '../../support/admin-client.js';
import { type Stack, startStack } from '../../support/stack.js';
import { inDatabase } from './office.js';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});
afterAll(() => stack.stop());

const credentials = () => ({ email: stack.email, password: stack.password });
const session = async (client: AdminClient) => (await client.get('/auth/session')).status;

describe('signing in', () => {
  test('tells who somebody is, in the account where they are owner', async () => {
    const { status, body } = await anonymous(stack).post('/auth/login', { ...credentials(), email: stack.email.toUpperCase() });
    expect(status).toBe(200);
    expect(body).toEqual({
      user: { id: expect.stringMatching(/^usr_/), email: stack.email, operator: true },
      account: { id: expect.stringMatching(/^acc_/), name: expect.any(String) },
      role: 'owner',
      accounts: [{ id: expect.stringMatching(/^acc_/), name: expect.any(String), role: 'owner', suspended: false }],
    });
    expect((await (await signIn(stack)).get('/auth/session')).body).toEqual(body);
  });

  test('sets a cookie that scripts and other sites can not use, for 12 hours', async () => {
    const { headers } = await anonymous(stack).post('/auth/login', credentials());
    const [cookie = ''] = headers.getSetCookie();
    expect(cookie).toMatch(/^mintmark_session=[A-Za-z0-9_-]{43};/);
    expect(
      cookie
        .split('; ')
        .slice(1)
        .filter((part) => !part.startsWith('Expires'))
        .sort(),
    ).toEqual(['HttpOnly', 'Max-Age=43200', 'Path=/', 'SameSite=Lax']);
  });

  test('fails in the same words for a wrong password and for nobody', async () => {
    const wrong = await anonymous(stack).post('/auth/login', { ...credentials(), password: 'wrong' });
    const nobody = await anonymous(stack).post('/auth/login', { email: 'nobody@example.com', password: 'wrong' });
    expect(wrong.status).toBe(401);
    expect(wrong.headers.get('www-authenticate')).toBe('Bearer realm="mintmark"');
    expect(nobody.body).toEqual(wrong.body);
    expect(wrong.headers.getSetCookie()).toEqual([]);
  });
});

describe('a session', () => {
  test('ends with a logout, and only that one', async () => {
    const [here, there] = [await signIn(stack), await signIn(stack)];
    const { status, headers } = await here.post('/auth/logout');
    expect(status).toBe(204);
    expect(headers.getSetCookie()[0]).toMatch(/^mintmark_session=;.*Expires=Thu, 01 Jan 1970/);
    expect([await session(here), await session(there)]).toEqual([401, 200]);
    expect((await here.post('/auth/logout')).status).toBe(204);
  });

  test('is over when its time is', async () => {
    const client = await signIn(stack);
    await inDatabase(stack, (sql) => sql("UPDATE sessions SET expires_at = now() - interval '1 second'"));
    expect(await session(client)).toBe(401);
  });

  test('is stored as a digest alone', async () => {
    const { cookie } = await signIn(stack);
    const rows = await inDatabase(stack, (sql) => sql('SELECT sessions::text AS row FROM sessions'));
    const token = cookie.split('=')[1] ?? '';
    expect(rows.length).toBeGreaterThan(0);
    for (const written of [token, Buffer.from(token).toString('hex'), Buffer.from(token, 'base64url').toString('hex')]) {
      expect(JSON.stringify(rows)).not.toContain(written);
    }
  });

  test.each(['', 'x', 'a'.repeat(43), '%00', '"'])('is not opened by the cookie %j', async (value) => {
    const answer = await fetch(`${stack.adminUrl}/api/v1/auth/session`, { headers: { cookie: `mintmark_session=${value}` } });
    expect(answer.status).toBe(401);
  });
});
