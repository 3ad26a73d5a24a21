import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AdminClient, type Answer, bearer, signIn } from '../../support/admin-client.js';
import { eventually } from '../../support/eventually.js';
import { type Stack, startStack } from '../../support/stack.js';
import { errorCode, faultPaths, inDatabase, mint, newcomer, untilWaiting } from './office.js';

let stack: Stack;
let owner: AdminClient;

beforeAll(async () => {
  stack = await startStack();
  owner = await signIn(stack);
});
afterAll(() => stack.stop());

const under = (key: string) => ({ 'idempotency-key': key });
const keyIdOf = ({ body }: Answer) => (body as { error: { details: { keyId: string } } }).error.details.keyId;
const named = async (name: string) => {
  const { body } = await owner.get('/keys?limit=200');
  return (body as { data: { id: string; name: string }[] }).data.filter((key) => key.name === name);
};

describe('a creation that is repeated under one Idempotency-Key', () => {
  test('makes one key, and shows its token once: the repetition is told the key’s id', async () => {
    const headers = under(randomUUID());
    const first = await owner.post('/keys', { name: 'once' }, headers);
    const again = await owner.post('/keys', { name: 'once' }, headers);
    expect([first.status, again.status, errorCode(again)]).toEqual([201, 409, 'conflict']);
    expect(await named('once')).toMatchObject([{ id: keyIdOf(again) }]);
    expect(JSON.stringify(again.body)).not.toContain((first.body as { key: string }).key);
  });

  test('makes one of 100 at once, and no other is shown a token', async () => {
    const headers = under(randomUUID());
    const answers = await Promise.all(Array.from({ length: 100 }, () => owner.post('/keys', { name: 'of 100' }, headers)));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(99);
    const [made, ...more] = await named('of 100');
    expect(more).toEqual([]);
    for (const answer of answers.filter(({ status }) => status === 409)) {
      if (answer.headers.get('retry-after') === null) expect(keyIdOf(answer)).toBe(made?.id);
    }
  }, 60_000);

  test('is answered as before where that holds no secret', async () => {
    const headers = under(randomUUID());
    const first = await owner.post('/products', { name: 'Shirts' }, headers);
    const again = await owner.post('/products', { name: 'Shirts' }, headers);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect([first, again].map((answer) => answer.headers.get('idempotency-replayed'))).toEqual([null, 'true']);
  });

  test('is made anew where the first was refused, since that made nothing', async () => {
    const headers = under(randomUUID());
    const refused = await owner.post('/keys', { name: 'in vain', products: ['nope'] }, headers);
    expect(refused.status).toBe(400);
    expect((await owner.post('/keys', { name: 'in vain', products: ['nope'] }, headers)).status).toBe(400);
    expect((await owner.post('/keys', { name: 'after all' }, headers)).status).toBe(201);
    expect(await named('in vain')).toEqual([]);
  });

  test('is made once though the process died before it was committed, or after', async () => {
    const [uncommitted, committed] = [under(randomUUID()), under(randomUUID())];
    await owner.post('/keys', { name: 'committed' }, committed);
    await inDatabase(stack, async (sql) => {
      // The chain's head is held, so that the creation can't be committed.
      await sql('SELECT FROM audit_heads FOR UPDATE');
      const cut = owner.post('/keys', { name: 'uncommitted' }, uncommitted).catch(() => null);
      await untilWaiting(stack, 1);
      await stack.kill('SIGKILL');
      expect(await cut).toBeNull();
    });
    await stack.restart();
    owner = await signIn(stack);
    expect(errorCode(await owner.post('/keys', { name: 'uncommitted' }, uncommitted))).toBe('conflict');
    await inDatabase(stack, async (sql) => {
      await sql(`UPDATE idempotency_records SET begun_at = begun_at - interval '31 seconds' WHERE begun_at IS NOT NULL`);
      // As if it had died between the commit and the answer.
      await sql(
        `UPDATE idempotency_records SET status = NULL, begun_at = clock_timestamp() - interval '31 seconds' WHERE key = $1`,
        Object.values(committed),
      );
    });
    expect((await owner.post('/keys', { name: 'uncommitted' }, uncommitted)).status).toBe(201);
    const told = await owner.post('/keys', { name: 'committed' }, committed);
    expect([told.status, await named('committed'), await named('uncommitted')]).toMatchObject([
      409,
      [{ id: keyIdOf(told) }],
      [{ name: 'uncommitted' }],
    ]);
  }, 60_000);
});

describe('an Idempotency-Key', () => {
  test('gives the answer to a revocation again, and the record tells of one', async () => {
    const { id } = await mint(owner);
    const headers = under(randomUUID());
    const first = await owner.post(`/keys/${id}/revoke`, { reason: 'superseded' }, headers);
    const again = await owner.post(`/keys/${id}/revoke`, { reason: 'superseded' }, headers);
    expect([again.status, again.body]).toEqual([200, first.body]);
    const { body } = await owner.get(`/audit?target=${id}&action=key.revoked`);
    expect((body as { data: unknown[] }).data).toHaveLength(1);
  });

  test('rotates once', async () => {
    const { id } = await mint(owner);
    const headers = under(randomUUID());
    expect((await owner.post(`/keys/${id}/rotate`, { graceSeconds: 60 }, headers)).status).toBe(201);
    const again = await owner.post(`/keys/${id}/rotate`, { graceSeconds: 60 }, headers);
    expect([again.status, keyIdOf(again)]).toEqual([409, id]);
    expect((await owner.get(`/keys/${id}`)).body).toMatchObject({ secrets: [{}, {}] });
  });

  test.each([
    ['another body', '/keys', { name: 'another' }],
    ['another route', '/products', { name: 'a key' }],
  ])('is refused with %s', async (_, path, body) => {
    const headers = under(randomUUID());
    await owner.post('/keys', { name: 'a key' }, headers);
    const refused = await owner.post(path, body, headers);
    expect([refused.status, faultPaths(refused)]).toEqual([400, ['Idempotency-Key']]);
  });

  test.each([
    ['is empty', ''],
    ['has over 255 characters', 'k'.repeat(256)],
    ['is no ASCII', 'schlüssel'],
    ['holds a tab', 'a\tb'],
  ])('that %s is refused', async (_, key) => {
    const refused = await owner.post('/keys', { name: 'never' }, under(key));
    expect([refused.status, faultPaths(refused)]).toEqual([400, ['Idempotency-Key']]);
    expect(await named('never')).toEqual([]);
  });

  test('of somebody else, in this account or another, is another key', async () => {
    const headers = under(randomUUID());
    const { token } = await mint(owner, { scopes: ['mintmark:keys:write'] });
    const others = [bearer(stack, token), await newcomer(stack, { role: 'owner' }), owner];
    for (const other of others) expect((await other.post('/keys', { name: 'mine' }, headers)).status).toBe(201);
  });

  test('that was refused for want of a permission leaves the refusal in the record', async () => {
    const { token } = await mint(owner, { scopes: ['mintmark:keys:write'] });
    const key = bearer(stack, token);
    const headers = under(randomUUID());
    expect((await key.post('/keys', { name: 'more', scopes: ['mintmark:audit:read'] }, headers)).status).toBe(403);
    expect((await owner.get('/audit?action=request.refused')).body).toMatchObject({ data: [{ action: 'request.refused' }] });
    expect((await key.post('/keys', { name: 'less' }, headers)).status).toBe(201);
  });
});

test('a revocation of many keys that takes longer than a dead attempt is waited for loses to no repetition', async () => {
  const { id } = await mint(owner, { ownerId: 'slow' });
  const headers = under(randomUUID());
  const revoke = () => owner.post('/keys/revoke-matching', { ownerId: 'slow', reason: 'superseded' }, headers);
  const { first, repeated } = await inDatabase(stack, async (sql) => {
    await sql('SELECT FROM keys WHERE id = $1 FOR UPDATE', [id]);
    const first = revoke();
    const aged = () =>
      inDatabase(stack, (other) =>
        other(`UPDATE idempotency_records SET begun_at = begun_at - interval '16 seconds' WHERE key = $1 RETURNING key`, [
          headers['idempotency-key'],
        ]),
      );
    expect(await eventually(aged, (found) => found.length === 1)).toHaveLength(1);
    await sleep(16_000); // two seconds more than were left to the attempt, had it not been renewed after ten
    return { first, repeated: await revoke() };
  });
  expect([repeated.status, errorCode(repeated)]).toEqual([409, 'conflict']);
  expect((await first).body).toMatchObject({ revoked: 1 });
  expect((await revoke()).body).toMatchObject({ revoked: 1 }); // the answer that was kept
}, 40_000);
