import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AdminClient, anonymous, bearer, signIn } from '../../support/admin-client.js';
import { type Stack, startStack } from '../../support/stack.js';
import { errorCode, mint } from './office.js';

describe('without a public URL', () => {
  let stack: Stack;
  let owner: AdminClient;

  beforeAll(async () => {
    stack = await startStack();
    owner = await signIn(stack);
  });
  afterAll(() => stack.stop());

  test.each(['https://evil.example', 'null', 'http://127.0.0.1:1', 'http://127.0.0.1'])(
    'pages of %s change nothing with a session, and sign nobody in or out',
    async (origin) => {
      const answers = [
        await owner.post('/keys', { name: 'x' }, { origin }),
        await owner.delete(`/keys/key_${'0'.repeat(26)}`, { origin }),
        await owner.patch('/policy', { defaultFormat: 'default' }, { origin }),
        await owner.post('/auth/logout', undefined, { origin }),
        await anonymous(stack).post('/auth/login', { email: stack.email, password: stack.password }, { origin }),
      ];
      expect(answers.map((answer) => [answer.status, errorCode(answer)])).toEqual(Array(5).fill([403, 'forbidden']));
      expect(answers.flatMap(({ headers }) => headers.getSetCookie())).toEqual([]);
      expect((await owner.get('/auth/session')).status).toBe(200);
    },
  );

  test('its own pages do, and what is no browser', async () => {
    expect((await owner.post('/keys', { name: 'page' }, { origin: stack.adminUrl })).status).toBe(201);
    expect((await owner.post('/keys', { name: 'curl' })).status).toBe(201);
  });

  test('reading is not a change', async () => {
    const { status, headers } = await owner.get('/keys', { origin: 'https://evil.example' });
    expect(status).toBe(200);
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });

  test('a management key says by itself that somebody means it', async () => {
    const { token } = await mint(owner, { scopes: ['mintmark:keys:write'] });
    expect((await bearer(stack, token).post('/keys', { name: 'x' }, { origin: 'https://tool.example' })).status).toBe(201);
  });
});

describe('behind a proxy with https', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack({ env: { MINTMARK_PUBLIC_URL: 'https://keys.example/', MINTMARK_TRUSTED_PROXIES: '127.0.0.1' } });
  });
  afterAll(() => stack.stop());

  test('only the public origin may change things, and the cookie is for https alone', async () => {
    const login = (origin: string) =>
      anonymous(stack).post('/auth/login', { email: stack.email, password: stack.password }, { origin });
    const { status, headers } = await login('https://keys.example');
    expect(status).toBe(200);
    expect(headers.getSetCookie()[0]).toMatch(/; Secure/);
    expect(headers.get('strict-transport-security')).toMatch(/max-age=/);
    expect((await login(stack.adminUrl)).status).toBe(403);
  });
});
