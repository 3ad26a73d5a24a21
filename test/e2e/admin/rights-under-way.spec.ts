import { describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AdminClient, bearer, signIn } from '../../support/admin-client.js';
import { errorCode, inDatabase, mint, newcomer, untilWaiting } from './office.js';
import { accountId, officeForTests, owner, stack } from './own-office.js';
import { join, signInAnew, userId } from './people.js';

officeForTests();

const MANAGEMENT = { scopes: ['mintmark:keys:read', 'mintmark:keys:write', 'mintmark:account:write'] };

/** Has somebody issue a key, and something happen before it is there. */
async function issuingDuring(somebody: AdminClient, meanwhile: () => Promise<unknown>) {
  const issuing = await inDatabase(stack, async (sql) => {
    await sql('SELECT FROM key_formats WHERE account_id = $1 FOR UPDATE', [accountId]);
    const issued = somebody.post('/keys', { name: 'late', ownerId: 'late' });
    await untilWaiting(stack, 1);
    await meanwhile();
    return { issued };
  });
  return issuing.issued;
}

interface InSession {
  readonly id: string;
  readonly client: AdminClient;
  readonly elsewhere: AdminClient;
  readonly password: string;
}

const personIdOf = async (client: AdminClient) => userId(await client.get('/auth/session'));

/** The only one that they have. */
async function sessionIdOf(client: AdminClient): Promise<string> {
  const { data } = (await client.get('/auth/sessions')).body as { readonly data: readonly { readonly id: string }[] };
  expect(data).toHaveLength(1);
  return data[0]?.id ?? '';
}

const lateKeys = async () => ((await owner.get('/keys?ownerId=late')).body as { readonly data: readonly object[] }).data;

describe('once the call that takes a right has returned, nothing more is done by it, not by what was under way either', () => {
  test.each([
    ['revoked', (id: string) => owner.post(`/keys/${id}/revoke`, { reason: 'key_compromise' }), 200],
    ['revoked with many', () => owner.post('/keys/revoke-matching', { search: 'the thief', reason: 'key_compromise' }), 200],
    ['disabled', (id: string) => owner.patch(`/keys/${id}`, { enabled: false }), 200],
    ['left a scope less', (id: string) => owner.patch(`/keys/${id}`, { scopes: ['mintmark:keys:read'] }), 200],
    ['deleted for good', (id: string) => owner.delete(`/keys/${id}?permanent=true`), 200],
    ['bound to other addresses', (id: string) => owner.patch(`/keys/${id}`, { allowedCidrs: ['192.0.2.0/24'] }), 200],
    ['rotated without grace', (id: string) => owner.post(`/keys/${id}/rotate`, { graceSeconds: 0 }), 201],
  ] as const)('of a management key that is %s', async (_, take, status) => {
    const { id, token } = await mint(owner, { ...MANAGEMENT, name: 'the thief' });
    const issued = await issuingDuring(bearer(stack, token), async () => {
      expect((await take(id)).status).toBe(status);
    });
    expect([issued.status, errorCode(issued)]).toEqual([403, 'forbidden']);
    expect(await lateKeys()).toEqual([]);
  });

  test.each([
    ['removed', (id: string) => owner.delete(`/members/${id}`)],
    ['given a lesser role', (id: string) => owner.patch(`/members/${id}`, { role: 'viewer' })],
  ] as const)('of a member who is %s', async (_, take) => {
    const developer = await newcomer(stack, { role: 'developer', accountId });
    const id = await personIdOf(developer);
    const issued = await issuingDuring(developer, async () => {
      expect((await take(id)).status).toBeLessThan(300);
    });
    expect([issued.status, errorCode(issued)]).toEqual([403, 'forbidden']);
    expect(await lateKeys()).toEqual([]);
  });

  test('of a member of an account that is suspended', async () => {
    const operator = await signIn(stack);
    const developer = await newcomer(stack, { role: 'developer', accountId });
    const issued = await issuingDuring(developer, async () => {
      expect((await operator.post(`/accounts/${accountId}/suspend`)).status).toBe(200);
    });
    expect((await operator.post(`/accounts/${accountId}/resume`)).status).toBe(200);
    expect([issued.status, errorCode(issued)]).toEqual([403, 'forbidden']);
    expect(await lateKeys()).toEqual([]);
  });

  test('of an operator who is given a lesser role in the account', async () => {
    const other = await newcomer(stack, { role: 'owner', accountId });
    const id = await personIdOf(owner);
    const issued = await issuingDuring(owner, async () => {
      expect((await other.patch(`/members/${id}`, { role: 'viewer' })).status).toBe(200);
    });
    expect((await other.patch(`/members/${id}`, { role: 'owner' })).status).toBe(200);
    expect([issued.status, errorCode(issued)]).toEqual([403, 'forbidden']);
    expect(await lateKeys()).toEqual([]);
  });

  test.each([
    ['gives a lesser role to', (thief: AdminClient, id: string) => thief.patch(`/members/${id}`, { role: 'viewer' })],
    ['removes', (thief: AdminClient, id: string) => thief.delete(`/members/${id}`)],
  ] as const)('of a session that is ended, which %s its own person', async (_, act) => {
    const person = await join(stack, owner, 'admin');
    const session = await sessionIdOf(person.client);
    const elsewhere = await signInAnew(stack, person);
    const { acting } = await inDatabase(stack, async (sql) => {
      await sql('SELECT FROM accounts WHERE id = $1 FOR UPDATE', [accountId]);
      const acting = act(person.client, person.id);
      await untilWaiting(stack, 1);
      expect((await elsewhere.delete(`/auth/sessions/${session}`)).status).toBe(204);
      return { acting };
    });
    expect((await acting).status).toBe(403);
    expect((await elsewhere.get('/auth/session')).body).toMatchObject({ role: 'admin' });
  });

  test.each([
    ['revokes itself', {}, (thief: AdminClient) => thief.post('/keys/self/revoke', { reason: 'unspecified' })],
    [
      'revokes itself beyond its rate limits',
      { scopes: ['mintmark:keys:read'], rateLimits: [{ name: 'hourly', limit: 1, windowSeconds: 3_600 }] },
      (thief: AdminClient) => thief.post('/keys/self/revoke', { reason: 'unspecified' }),
    ],
    [
      'revokes itself by its id',
      { scopes: ['mintmark:keys:write'] },
      (thief: AdminClient, id: string) => thief.post(`/keys/${id}/revoke`, { reason: 'unspecified' }),
    ],
    [
      'deletes itself for good',
      { scopes: ['mintmark:keys:write'] },
      (thief: AdminClient, id: string) => thief.delete(`/keys/${id}?permanent=true`),
    ],
    [
      'rotates itself',
      { scopes: ['mintmark:keys:write'] },
      (thief: AdminClient, id: string) => thief.post(`/keys/${id}/rotate`, { graceSeconds: 60 }),
    ],
  ] as const)('of a secret that is ended, by which a key %s', async (_, fields, act) => {
    const { id, token } = await mint(owner, fields);
    const thief = bearer(stack, token);
    await thief.get('/keys'); // all that its rate limits let through
    const { ending, acting } = await inDatabase(stack, async (sql) => {
      await sql('SELECT FROM keys WHERE id = $1 FOR UPDATE', [id]);
      const ending = owner.post(`/keys/${id}/rotate`, { graceSeconds: 0 });
      await untilWaiting(stack, 1);
      const acting = act(thief, id);
      await sleep(500); // it was let in by the secret that is being ended, and waits its turn
      return { ending, acting };
    });
    expect([(await ending).status, (await acting).status]).toEqual([201, 403]);
    expect((await owner.get(`/keys/${id}`)).body).toMatchObject({ status: 'active' });
  });

  test('of a key that is revoked, which deletes itself for good', async () => {
    const { id, token } = await mint(owner, MANAGEMENT);
    const thief = bearer(stack, token);
    const { revoking, deleting } = await inDatabase(stack, async (sql) => {
      await sql('SELECT FROM keys WHERE id = $1 FOR UPDATE', [id]);
      const revoking = owner.post(`/keys/${id}/revoke`, { reason: 'key_compromise' });
      await untilWaiting(stack, 1);
      const deleting = thief.delete(`/keys/${id}?permanent=true`);
      await sleep(500); // it was let in while the key was not revoked, and waits its turn
      return { revoking, deleting };
    });
    expect([(await revoking).status, (await deleting).status]).toEqual([200, 403]);
    expect((await owner.get(`/keys/${id}`)).body).toMatchObject({ revocationReason: 'key_compromise' });
  });

  test.each([
    ['ended elsewhere', ({ id, elsewhere }: InSession) => elsewhere.delete(`/auth/sessions/${id}`)],
    ['left', ({ client }: InSession) => client.post('/auth/logout')],
    [
      'ended by a change of the password',
      ({ elsewhere, password }: InSession) =>
        elsewhere.post('/auth/password', { current: password, new: 'another long password' }),
    ],
  ] as const)('of a session that is %s', async (_, end) => {
    const person = await join(stack, owner, 'developer');
    const session = await sessionIdOf(person.client);
    const elsewhere = await signInAnew(stack, person);
    const issued = await issuingDuring(person.client, async () => {
      expect((await end({ ...person, id: session, elsewhere })).status).toBeLessThan(300);
    });
    expect([issued.status, errorCode(issued)]).toEqual([403, 'forbidden']);
    expect(await lateKeys()).toEqual([]);
  });

  test('however many requests are under way', async () => {
    const { id, token } = await mint(owner, MANAGEMENT);
    const thief = bearer(stack, token);
    const issuing = Array.from({ length: 200 }, () => thief.post('/keys', { name: 'flood', ownerId: 'flood' }));
    await Promise.race(issuing);
    await owner.post(`/keys/${id}/revoke`, { reason: 'key_compromise' });
    const issued = (await Promise.all(issuing)).filter(({ status }) => status === 201).length;
    expect(issued).toBeLessThan(200);
    const record = await inDatabase(stack, (sql) =>
      sql(
        `SELECT FROM audit_entries created JOIN audit_entries revoked ON revoked.account_id = created.account_id
         WHERE revoked.action = 'key.revoked' AND revoked.target_id = $1
           AND created.action = 'key.created' AND created.actor_id = $1 AND created.number > revoked.number`,
        [id],
      ),
    );
    expect(record).toEqual([]);
  });
});

test('a key that revokes all keys, itself among them, has done so', async () => {
  const other = await newcomer(stack, { role: 'owner' });
  const { token } = await mint(other, MANAGEMENT);
  const answer = await bearer(stack, token).post('/keys/revoke-matching', { all: true, reason: 'key_compromise' });
  expect([answer.status, answer.body]).toEqual([200, expect.objectContaining({ revoked: 1 })]);
});

describe('whoever gets a token of a key, or deletes it, is judged by what is so then', () => {
  test.each([
    ['rotates', (by: AdminClient, id: string) => by.post(`/keys/${id}/rotate`, { graceSeconds: 60 })],
    ['deletes', (by: AdminClient, id: string) => by.delete(`/keys/${id}?permanent=true`)],
  ] as const)('who %s it: by the policy of that time', async (_, end) => {
    const developer = await newcomer(stack, { role: 'developer', accountId });
    await owner.post('/scopes', { name: 'payments:send', group: 'Payments', description: '' }); // or is there
    const { id } = await mint(owner, { scopes: ['payments:send'] });
    const { ending } = await inDatabase(stack, async (sql) => {
      await sql('SELECT FROM keys WHERE id = $1 FOR UPDATE', [id]);
      const ending = end(developer, id);
      await untilWaiting(stack, 1);
      expect((await owner.patch('/policy', { allowedScopesByRole: { developer: ['garments:read'] } })).status).toBe(200);
      return { ending };
    });
    expect((await ending).status).toBe(403);
    await owner.patch('/policy', { allowedScopesByRole: { developer: null } });
  });

  test('who rotates it: by the scopes that the key has then', async () => {
    const developer = await newcomer(stack, { role: 'developer', accountId });
    const { id } = await mint(owner, { scopes: [] });
    const { raising, rotating } = await inDatabase(stack, async (sql) => {
      await sql('SELECT FROM keys WHERE id = $1 FOR UPDATE', [id]);
      const raising = owner.patch(`/keys/${id}`, { scopes: ['mintmark:audit:read'] });
      await untilWaiting(stack, 1);
      const rotating = developer.post(`/keys/${id}/rotate`, { graceSeconds: 60 });
      await sleep(500); // it has been judged by the key as it was, and waits its turn
      return { raising, rotating };
    });
    expect((await raising).status).toBe(200);
    expect((await rotating).status).toBe(403);
  });
});
