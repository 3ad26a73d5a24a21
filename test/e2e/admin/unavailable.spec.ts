import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type AdminClient, bearer, signIn } from '../../support/admin-client.js';
import { freshDatabase } from '../../support/fresh-database.js';
import { type Stack, startStack } from '../../support/stack.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { mint } from './office.js';

let proxy: TcpProxy;
let stack: Stack;
let owner: AdminClient;

beforeAll(async () => {
  proxy = await TcpProxy.before((await freshDatabase()).url);
  stack = await startStack({ database: { url: proxy.url } });
  owner = await signIn(stack);
});
afterAll(async () => {
  proxy.restore();
  await stack.stop();
  await proxy.stop();
});

test('without Postgres every answer is 503 and says nothing of why; with it all goes on, with no restart', async () => {
  const { token } = await mint(owner, { scopes: ['mintmark:keys:read'] });
  const automation = bearer(stack, token);
  proxy.cut();
  const answers = [
    await owner.get('/keys'),
    await owner.post('/keys', { name: 'x' }),
    await automation.get('/keys'),
    await automation.get('/keys/self'),
    await owner.post('/auth/login', { email: stack.email, password: stack.password }),
  ];
  expect(answers.map(({ status }) => status)).toEqual(Array(5).fill(503));
  expect(answers.map(({ headers }) => headers.get('retry-after'))).toEqual(Array(5).fill('1'));
  for (const { body } of answers) expect(body).toEqual({ error: { code: 'unavailable', message: expect.any(String) } });
  expect(JSON.stringify(answers.map(({ body }) => body))).not.toMatch(/ECONN|postgres|pg|127\.0\.0\.1/i);
  expect((await fetch(`${stack.adminUrl}/health/ready`)).status).toBe(503);
  expect((await fetch(`${stack.adminUrl}/health/live`)).status).toBe(200);

  proxy.restore();
  expect((await owner.get('/keys')).status).toBe(200);
  expect((await automation.get('/keys')).status).toBe(200);
  expect((await fetch(`${stack.adminUrl}/health/ready`)).status).toBe(200);
});
