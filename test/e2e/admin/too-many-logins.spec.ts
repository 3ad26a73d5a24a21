import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { anonymous } from '../../support/admin-client.js';
import { type Stack, startStack } from '../../support/stack.js';
import { errorCode } from './office.js';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ env: { MINTMARK_TRUSTED_PROXIES: '127.0.0.1' } });
});
afterAll(() => stack.stop());

const login = (from: string, fields: { email?: string; password?: string } = {}) =>
  anonymous(stack).post('/auth/login', { email: stack.email, password: stack.password, ...fields }, { 'x-forwarded-for': from });

/** Tries until it is refused unseen; the attempts that were looked at. */
async function triesUntilLimited(attempt: (index: number) => ReturnType<typeof login>): Promise<number> {
  for (let index = 0; index < 60; index++) {
    if ((await attempt(index)).status === 429) return index;
  }
  throw new Error('never limited');
}

test('guessing the password of one account is slowed down, from a whole network, with the right password too', async () => {
  const tried = await triesUntilLimited((index) => login(`192.0.2.${index}`, { password: 'wrong' }));
  expect(tried).toBeGreaterThanOrEqual(5);
  const limited = await login('192.0.2.200');
  expect([limited.status, errorCode(limited)]).toEqual([429, 'rate_limited']);
  const wait = Number(limited.headers.get('retry-after'));
  expect(wait).toBeGreaterThan(0);
  expect(limited.body).toMatchObject({ error: { details: { retryAfter: wait } } });
});

test('whoever guesses the password of somebody does not lock them out where they are', async () => {
  const guess = (index: number) => login(`198.18.0.${index}`, { password: 'wrong' });
  await triesUntilLimited(guess);
  for (let index = 0; index < 120; index++) expect((await guess(index)).status).toBe(429);
  expect((await login('198.51.100.1')).status).toBe(200);
});

test('trying many accounts from one address is slowed down, and from others it is not', async () => {
  const guess = (from: string) => (index: number) => login(from, { email: `p${index}@example.com`, password: 'wrong' });
  await triesUntilLimited(guess('203.0.113.7'));
  expect((await guess('203.0.113.8')(0)).status).toBe(401);
});

test('what a client that is no trusted proxy says of its address does not count', async () => {
  const direct = (index: number) =>
    fetch(`${stack.adminUrl}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': `10.9.8.${index}, 203.0.113.99` },
      body: JSON.stringify({ email: `q${index}@example.com`, password: 'wrong' }),
    });
  const statuses: number[] = [];
  for (let index = 0; index < 60 && !statuses.includes(429); index++) statuses.push((await direct(index)).status);
  expect(statuses).toContain(429);
});
