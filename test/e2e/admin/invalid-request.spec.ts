import { describe, expect, test } from '@jest/globals';
import { faultPaths, inDatabase } from './office.js';
import { officeForTests, owner, stack } from './own-office.js';

officeForTests();

const A_SECOND = { name: 'a-second', limit: 1, windowSeconds: 1 };
const ONCE = { 'idempotency-key': 'once' };

const count = () => inDatabase(stack, (sql) => sql('SELECT count(*) FROM keys'));
const send = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  fetch(`${stack.adminUrl}/api/v1/keys`, {
    method: 'POST',
    headers: { cookie: owner.cookie, 'content-type': 'application/json', ...headers },
    body,
  });

describe('a field that is wrong is named, and nothing is written', () => {
  test.each<[string, object, string[]]>([
    ['no name', {}, ['name']],
    ['a name of blanks', { name: '  ' }, ['name']],
    ['a name of 101 characters', { name: 'x'.repeat(101) }, ['name']],
    ['a name with NUL', { name: 'a\0b' }, ['name']],
    ['a name of half a character', { name: 'a\ud800' }, ['name']],
    ['a name that is no text', { name: 7 }, ['name']],
    ['fields that nobody knows', { name: 'x', nmae: 'y', admin: true }, ['nmae', 'admin']],
    ['limits that are none', { name: 'x', rateLimits: {}, quota: null }, ['rateLimits', 'quota']],
    ['rate limits of one name', { name: 'x', rateLimits: [A_SECOND, A_SECOND] }, ['rateLimits.1.name']],
    ['a rate limit without a name', { name: 'x', rateLimits: [{ ...A_SECOND, name: '' }] }, ['rateLimits.0.name']],
    ['a name that no header could hold', { name: 'x', rateLimits: [{ ...A_SECOND, name: 'a\r\nb' }] }, ['rateLimits.0.name']],
    ['a rate limit of nothing', { name: 'x', rateLimits: [A_SECOND, { ...A_SECOND, limit: 0 }] }, ['rateLimits.1.limit']],
    [
      'a window of over 31 days',
      { name: 'x', rateLimits: [{ ...A_SECOND, windowSeconds: 2_678_401 }] },
      ['rateLimits.0.windowSeconds'],
    ],
    [
      'too many rate limits',
      { name: 'x', rateLimits: Array.from('abcdefghi', (name) => ({ ...A_SECOND, name })) },
      ['rateLimits'],
    ],
    ['credits that are owed', { name: 'x', quota: { remaining: -1 } }, ['quota.remaining']],
    ['half a credit', { name: 'x', quota: { remaining: 0.5 } }, ['quota.remaining']],
    ['more credits than can be counted', { name: 'x', quota: { remaining: 1e12 + 1 } }, ['quota.remaining']],
    [
      'a refill of nothing',
      { name: 'x', quota: { remaining: 1, refill: { amount: 0, interval: 'day' } } },
      ['quota.refill.amount'],
    ],
    [
      'a refill each week',
      { name: 'x', quota: { remaining: 1, refill: { amount: 1, interval: 'week' } } },
      ['quota.refill.interval'],
    ],
    [
      'unknown fields of limits',
      { name: 'x', rateLimits: [{ ...A_SECOND, burst: 1 }], quota: { remaining: 1, used: 1 } },
      ['rateLimits.0.burst', 'quota.used'],
    ],
    ['limits of a service key', { name: 'x', scopes: ['mintmark:tokens:verify'], quota: { remaining: 1 } }, ['quota']],
    ['what is no scope', { name: 'x', scopes: ['garments:read', 'x y'] }, ['scopes.1']],
    ['a scope that is no text', { name: 'x', scopes: [1] }, ['scopes.0']],
    ['a scope of Mintmark that does not exist', { name: 'x', scopes: ['mintmark:root:all'] }, ['scopes.0']],
    ['an unknown product', { name: 'x', products: ['nope'] }, ['products.0']],
    ['products of another kind', { name: 'x', products: 'some' }, ['products']],
    ['an unknown format', { name: 'x', format: 'nope' }, ['format']],
    ['an unknown environment', { name: 'x', environment: 'nope' }, ['environment']],
    ['an environment for Keymint', { name: 'x', format: 'keymint', environment: 'live' }, ['environment']],
    ['no days', { name: 'x', expiresInDays: 0 }, ['expiresInDays']],
    ['days as text', { name: 'x', expiresInDays: '30' }, ['expiresInDays']],
    ['days without end', { name: 'x', expiresInDays: 1e9 }, ['expiresInDays']],
    ['a time in the past', { name: 'x', expiresAt: '2020-01-01T00:00:00Z' }, ['expiresAt']],
    ['a time without its zone', { name: 'x', expiresAt: '2090-01-01T00:00:00' }, ['expiresAt']],
    ['a day that does not exist', { name: 'x', expiresAt: '2090-02-30T00:00:00Z' }, ['expiresAt']],
    ['both ways to expire', { name: 'x', expiresInDays: 1, expiresAt: '2090-01-01T00:00:00Z' }, ['expiresAt']],
    ['what is no address', { name: 'x', allowedCidrs: ['10.0.0.0/8', '300.1.1.1'] }, ['allowedCidrs.1']],
    ['metadata that is no object', { name: 'x', metadata: [] }, ['metadata']],
    ['metadata of over 4 KB', { name: 'x', metadata: { a: 'x'.repeat(4096) } }, ['metadata']],
    ['metadata with NUL', { name: 'x', metadata: { a: ['\0'] } }, ['metadata.a.0']],
  ])('%s', async (_, body, paths) => {
    const before = await count();
    const answer = await owner.post('/keys', body);
    expect([answer.status, faultPaths(answer)]).toEqual([400, paths]);
    expect(await count()).toEqual(before);
  });
});

describe('a body that can not be read', () => {
  test.each<[string, string | Uint8Array<ArrayBuffer>, Record<string, string>, number]>([
    ['no JSON', '{"name": ', {}, 400],
    ['no object', '"name"', {}, 400],
    ['nothing at all', '', {}, 400],
    ['another type', 'name=x', { 'content-type': 'application/x-www-form-urlencoded' }, 400],
    ['text that is JSON in disguise', '{"name": "x"}', { 'content-type': 'text/plain' }, 400],
    ['compressed', '{"name": "x"}', { 'content-encoding': 'gzip' }, 400],
    ['over 100 KB', JSON.stringify({ name: 'x'.repeat(110_000) }), {}, 413],
    ['deeper than the stack', `{"name": "x", "metadata": {"a": ${'['.repeat(45_000)}${']'.repeat(45_000)}}}`, {}, 400],
    ['deeper than the stack, to be carried out once', `{"name": ${'['.repeat(45_000)}${']'.repeat(45_000)}}`, ONCE, 400],
  ])('%s is an invalid request', async (_, body, headers, status) => {
    const before = await count();
    const answer = await send(body, headers);
    expect(answer.status).toBe(status);
    const json = (await answer.json()) as { error: { code: string; details: { reason: object[] } } };
    expect(json.error.code).toBe('invalid_request');
    expect(json.error.details.reason.length).toBeGreaterThan(0);
    expect(await count()).toEqual(before);
  });
});

test('a filter with a typing error answers with nothing, in whatever case its path is written', async () => {
  for (const path of ['/api/v1/keys', '/API/V1/Keys']) {
    const answer = await fetch(`${stack.adminUrl}${path}?stauts=active`, { headers: { cookie: owner.cookie } });
    expect([answer.status, await answer.json()]).toMatchObject([400, { error: { details: { reason: [{ path: 'stauts' }] } } }]);
  }
});

describe('an address that leads nowhere', () => {
  test.each([
    ['/keys/nonsense', 404, 'not_found'],
    ['/keys/key_%00', 404, 'not_found'],
    [`/keys/key_${'x'.repeat(5000)}`, 404, 'not_found'],
    ["/keys/key_1'%20OR%20'1'='1", 404, 'not_found'],
    ['/nowhere', 404, 'not_found'],
    ['/keys/%FF', 400, 'invalid_request'],
  ])('%.40s', async (path, status, code) => {
    const answer = await owner.get(path);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ error: { code } });
  });

  test('a reason that nobody knows revokes nothing', async () => {
    const { body } = await owner.get('/keys');
    const [key] = (body as { data: { id: string }[] }).data;
    const answer = await owner.post(`/keys/${key?.id}/revoke`, { reason: 'because' });
    expect(faultPaths(answer)).toEqual(['reason']);
    expect((await owner.get(`/keys/${key?.id}`)).body).toMatchObject({ status: 'active' });
  });

  test('a query that nobody knows deletes nothing', async () => {
    const { body } = await owner.get('/keys');
    const [key] = (body as { data: { id: string }[] }).data;
    expect(faultPaths(await owner.delete(`/keys/${key?.id}?permanent=yes`))).toEqual(['permanent']);
    expect(faultPaths(await owner.delete(`/keys/${key?.id}?permament=true`))).toEqual(['permament']);
    expect((await owner.get(`/keys/${key?.id}`)).body).toMatchObject({ status: 'active' });
  });
});

test('whoever asks for problem details gets them (RFC 9457)', async () => {
  const answer = await owner.post('/keys', {}, { accept: 'application/problem+json' });
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.body).toMatchObject({
    type: 'about:blank',
    title: 'Bad Request',
    status: 400,
    code: 'invalid_request',
    details: { reason: [{ path: 'name' }] },
  });
});

test('no answer tells what it runs on, and each is named for the log', async () => {
  const { headers } = await owner.get('/nowhere', { 'x-request-id': 'mine-1' });
  expect(headers.get('x-powered-by')).toBeNull();
  expect(headers.get('x-request-id')).toBe('mine-1');
  expect((await owner.get('/nowhere', { 'x-request-id': 'a b\tc' })).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});
