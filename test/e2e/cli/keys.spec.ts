import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { signIn } from '../../support/admin-client.js';
import { recordSecret } from '../../support/evidence.js';
import { eventually } from '../../support/eventually.js';
import { type Stack, startStack } from '../../support/stack.js';
import { mint } from '../admin/office.js';
import { User } from './command.js';

interface Key {
  readonly id: string;
  readonly name: string;
  readonly status: string;
}

interface Issued {
  readonly key: string;
  readonly metadata: Key;
}

let stack: Stack;
let user: User;

beforeAll(async () => {
  stack = await startStack();
  const admin = await signIn(stack);
  await admin.post('/scopes', { name: 'garments:read', description: 'Read garments' });
  const scopes = ['mintmark:keys:read', 'mintmark:keys:write', 'mintmark:audit:read', 'garments:read'];
  const { token } = await mint(admin, { name: 'automation', scopes });
  user = await User.arrive({ MINTMARK_ADMIN_URL: stack.adminUrl, MINTMARK_MANAGEMENT_KEY: token });
});
afterAll(async () => {
  await user.leave();
  await stack.stop();
});

async function create(...args: readonly string[]): Promise<Issued> {
  const issued = (await user.json(['keys', 'create', ...args])) as Issued;
  recordSecret('token', issued.key);
  return issued;
}

/** What the example API says to a token. */
async function statusFor(token: string): Promise<number> {
  const answer = await fetch(`${stack.exampleUrl}/api/v1/garments`, { headers: { authorization: `Bearer ${token}` } });
  return answer.status;
}

describe('a created key', () => {
  test('has everything that was asked for', async () => {
    const asked = ['--scope', 'garments:read', '--all-products', '--expires-in-days', '30', '--owner', 'customer-7'];
    const more = ['--environment', 'test', '--metadata', '{"team":"a"}', '--allow-cidr', '10.0.0.0/8', '127.0.0.0/8'];
    const { metadata } = await create('everything', ...asked, ...more);
    expect(metadata).toMatchObject({
      ...{ name: 'everything', scopes: ['garments:read'], products: 'all', ownerId: 'customer-7', environment: 'test' },
      ...{ metadata: { team: 'a' }, allowedCidrs: ['10.0.0.0/8', '127.0.0.0/8'], status: 'active' },
    });
    expect(await user.json(['keys', 'show', metadata.id])).toMatchObject({ id: metadata.id, ownerId: 'customer-7' });
  });

  test('has the limits that were asked for, shows them, and takes others', async () => {
    const asked = ['--rate-limit', 'per-minute=60/60', 'per-day=1000/86400', '--quota', '900', '--refill', '1000/month'];
    const { metadata } = await create('limited', ...asked);
    const rateLimits = [
      { name: 'per-minute', limit: 60, windowSeconds: 60 },
      { name: 'per-day', limit: 1_000, windowSeconds: 86_400 },
    ];
    expect(metadata).toMatchObject({ rateLimits, quota: { remaining: 900, refill: { amount: 1_000, interval: 'month' } } });
    const { stdout } = await user.run(['keys', 'show', metadata.id]);
    expect(stdout).toMatch(/per-minute: 60 in 60 s[^]*per-day: 1000 in 86400 s[^]*900 left, 1000 again each month/);
    expect(await user.json(['keys', 'update', metadata.id, '--quota', '5', '--rate-limit', 'burst=2/1'])).toMatchObject({
      metadata: { rateLimits: [{ name: 'burst', limit: 2, windowSeconds: 1 }], quota: { remaining: 5, refill: null } },
    });
    expect(await user.json(['keys', 'update', metadata.id, '--data', '{"quota":null,"rateLimits":[]}'])).toMatchObject({
      metadata: { rateLimits: [], quota: null },
    });
  });

  test.each([
    [['--rate-limit', 'per-minute=60'], 'name=requests/seconds'],
    [['--quota', '-1'], 'Not a whole number'],
    [['--quota', '5', '--refill', '1000'], 'amount/interval'],
    [['--refill', '5/day'], '--refill goes with --quota'],
  ])('is not asked for with %j', async (options, reason) => {
    const { exitCode, stderr } = await user.run(['keys', 'create', 'never', ...options]);
    expect([exitCode, stderr]).toEqual([2, expect.stringContaining(reason)]);
  });

  test('with --quiet gives its token alone to standard output', async () => {
    const { exitCode, stdout, stderr } = await user.run(['keys', 'create', 'quiet', '--quiet', '--scope', 'garments:read']);
    const token = stdout.trim();
    recordSecret('token', token);
    expect({ exitCode, lines: stdout.split('\n').length }).toEqual({ exitCode: 0, lines: 2 });
    expect(await statusFor(token)).toBe(200);
    expect(stderr).toBe('Save this key now - it will not be shown again!\n');
  });

  test('that the API refuses: 1, with the path of each fault, in one line', async () => {
    const ran = await user.run(['keys', 'create', 'refused', '--allow-cidr', 'nowhere', '--data', '{"colour":"red"}']);
    expect(ran).toMatchObject({ exitCode: 1, stdout: '' });
    expect(ran.stderr).toMatch(/^mintmark: invalid_request: [^\n]*colour: [^\n]*\n$/);
  });
});

describe('the list', () => {
  test('pages by itself, and ends where it is told to', async () => {
    for (let count = 0; count < 3; count += 1) await create('one of many', '--owner', 'many');
    const all = (await user.json(['keys', 'list', '--owner', 'many', '--all'])) as Key[];
    expect(all).toHaveLength(3);
    expect(await user.json(['keys', 'list', '--owner', 'many', '--limit', '2'])).toEqual(all.slice(0, 2));
    expect(await user.json(['keys', 'list', '--owner', 'nobody'])).toEqual([]);
  });

  test('takes every filter', async () => {
    const { metadata } = await create('Filtered out', '--owner', 'filters', '--scope', 'garments:read', '--expires-in-days', '3');
    const soon = new Date(Date.now() + 7 * 86_400_000).toISOString();
    const filters = ['--status', 'active', '--environment', 'live', '--owner', 'filters', '--scope', 'garments:read'];
    const more = ['--search', 'filtered', '--expires-before', soon];
    expect(await user.json(['keys', 'list', ...filters, ...more])).toMatchObject([{ id: metadata.id }]);
    const long = new Date(Date.now() - 7 * 86_400_000).toISOString();
    expect(await user.json(['keys', 'list', '--owner', 'filters', '--unused-since', long])).toEqual([]);
    expect(await user.json(['keys', 'list', '--owner', 'filters', '--rotation-due'])).toEqual([]);
    expect(await user.run(['keys', 'list', '--expires-before', 'soon'])).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('expiresBefore: '),
    });
  });

  test('is fields between tabs for a pipe, in which no name can break a line or move a cursor', async () => {
    const { metadata } = await create('a\nb\u001b[2Jc', '--owner', 'pipe');
    const { stdout } = await user.run(['keys', 'list', '--owner', 'pipe']);
    expect(stdout).toMatch(/^key_[^\t]+\ta\ufffdb\ufffd\[2Jc\t[^\n]*\n$/);
    expect(stdout.split('\t')[0]).toBe(metadata.id);
  });
});

describe('a change', () => {
  test('is made, and in force', async () => {
    const { key, metadata } = await create('changing', '--scope', 'garments:read');
    expect(await statusFor(key)).toBe(200);
    const disabled = await user.json(['keys', 'update', metadata.id, '--disable', '--name', 'changed']);
    expect(disabled).toMatchObject({ metadata: { name: 'changed', status: 'disabled' }, enforced: { ms: expect.any(Number) } });
    expect(await statusFor(key)).toBe(401);
    await user.json(['keys', 'update', metadata.id, '--enable', '--never-expires']);
    expect(await statusFor(key)).toBe(200);
  });

  test('that names nothing is none: 2', async () => {
    expect(await user.run(['keys', 'update', 'key_x'])).toMatchObject({ exitCode: 2, stdout: '' });
  });

  test('of a key that there is not: 1', async () => {
    const ran = await user.run(['keys', 'revoke', 'key_0123456789abcdefghijkl']);
    expect(ran).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(/^mintmark: not_found: /) });
  });
});

test('a rotated key is let in by both tokens until the former secret is ended', async () => {
  const { key: former, metadata } = await create('rotating', '--scope', 'garments:read');
  const { stdout, stderr } = await user.run(['keys', 'rotate', metadata.id, '--grace', '12h', '-q']);
  const token = stdout.trim();
  recordSecret('token', token);
  expect(stderr).toBe('Save this key now - it will not be shown again!\n');
  expect([await statusFor(former), await statusFor(token)]).toEqual([200, 200]);
  const { secrets } = (await user.json(['keys', 'show', metadata.id])) as { secrets: { id: string; endsAt: string | null }[] };
  const ending = secrets.find(({ endsAt }) => endsAt !== null);
  expect((await user.run(['keys', 'end-secret', metadata.id, ending?.id ?? ''])).exitCode).toBe(0);
  expect([await statusFor(former), await statusFor(token)]).toEqual([401, 200]);
});

test('the usage of a key is told hour by hour, or day by day', async () => {
  const { key, metadata } = await create('used', '--scope', 'garments:read');
  expect(await statusFor(key)).toBe(200);
  const lines = async () => (await user.run(['keys', 'usage', metadata.id])).stdout.trimEnd().split('\n');
  const used = (line: string) => /^\d{4}-\d\d-\d\d \d\d:00:00Z\t1\tVALID 1$/.test(line);
  const told = await eventually(lines, (shown) => shown.some(used), 30_000);
  expect(told.filter(used)).toHaveLength(1);
  expect(told.filter((line) => line.includes('\t0\t')).length).toBeGreaterThanOrEqual(23);
  const [from, to] = [new Date(Date.now() - 3 * 86_400_000).toISOString(), new Date().toISOString()];
  const days = await user.json(['keys', 'usage', metadata.id, '--granularity', 'day', '--from', from, '--to', to]);
  expect(days).toMatchObject({ granularity: 'day', data: { length: 4 } });
  const refused = await user.run(['keys', 'usage', metadata.id, '--from', to, '--to', from]);
  expect(refused).toMatchObject({ exitCode: 1, stdout: '', stderr: expect.stringContaining('from: ') });
}, 60_000);

test('a revoked key opens nothing once the command has ended', async () => {
  const { key, metadata } = await create('revoking', '--scope', 'garments:read');
  expect(await statusFor(key)).toBe(200);
  const ran = await user.run(['keys', 'revoke', metadata.id, '--reason', 'key_compromise', '--description', 'found in a log']);
  expect(await statusFor(key)).toBe(401);
  expect(ran).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/status\trevoked\n[^]*in force\tat 1 verifier after \d+ ms/),
  });
});

test('a key is deleted for good only by somebody who says so', async () => {
  const { metadata } = await create('deleting');
  expect(await user.run(['keys', 'delete', metadata.id])).toMatchObject({ exitCode: 2, stdout: '' });
  expect((await user.run(['keys', 'show', metadata.id])).exitCode).toBe(0);
  const deleted = await user.run(['keys', 'delete', metadata.id, '--yes']);
  expect(deleted).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('deleted\tfor good\n') });
  expect(await user.run(['keys', 'show', metadata.id])).toMatchObject({ exitCode: 1, stdout: '' });
});
