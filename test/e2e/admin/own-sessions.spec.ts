import { beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AdminClient, anonymous, sessionOf, signIn } from '../../support/admin-client.js';
import { errorCode, inDatabase, newcomer, untilWaiting } from './office.js';
import { accept, forgetAttempts, invitationToken, join, recorded } from './people.js';
import { officeForTests, owner, stack } from './own-office.js';

officeForTests();
beforeEach(() => forgetAttempts(stack));

interface Listed {
  readonly id: string;
  readonly address: string;
  readonly userAgent: string;
  readonly current: boolean;
}
const sessions = async (client: AdminClient) =>
  ((await client.get('/auth/sessions')).body as { readonly data: readonly Listed[] }).data;
const isIn = async (client: AdminClient) => (await client.get('/auth/session')).status === 200;

/** Somebody who is a developer in the account, and a viewer in another one, where they are signed in as well. */
async function inTwoAccounts() {
  const person = await join(stack, owner, 'developer');
  const other = await newcomer(stack, { role: 'owner' });
  const invitation = await other.post('/members/invitations', { email: person.email, role: 'viewer' });
  const accepted = await accept(stack, invitationToken(invitation), person);
  expect(accepted.status).toBe(200);
  return { ...person, elsewhere: sessionOf(stack, accepted) };
}

describe('the sessions of a person', () => {
  test('are listed with whence they came, and ended one by one', async () => {
    const person = await join(stack, owner, 'viewer');
    const other = await signIn(stack, person);
    const listed = await sessions(person.client);
    expect(listed).toHaveLength(2);
    expect(listed.map(({ current }) => current)).toEqual([false, true]);
    expect(listed[0]).toMatchObject({ address: '127.0.0.1', userAgent: 'node', account: { id: expect.any(String) } });
    expect((await person.client.delete(`/auth/sessions/${listed[0]?.id ?? ''}`)).status).toBe(204);
    expect([await isIn(other), await isIn(person.client)]).toEqual([false, true]);
    expect((await recorded(owner, 'session.ended'))[0]).toMatchObject({ target: { type: 'person', id: person.id } });
  });

  test('do not begin by going on in the account that one is in, nor is anything put down', async () => {
    const person = await join(stack, owner, 'viewer');
    const listed = await sessions(person.client);
    const { body } = await person.client.get('/auth/session');
    const { account } = body as { readonly account: { readonly id: string } };
    const before = await recorded(owner, 'session.opened');
    const answer = await person.client.post('/auth/session/account', { accountId: account.id });
    expect([answer.status, answer.body, answer.headers.get('set-cookie')]).toEqual([200, body, null]);
    expect(await sessions(person.client)).toEqual(listed);
    expect(await recorded(owner, 'session.opened')).toEqual(before);
  });

  test('are ended in every account that they are in, whatever the person is there', async () => {
    const { client, elsewhere } = await inTwoAccounts();
    const others = (await sessions(client)).filter(({ current }) => !current);
    expect(others).toHaveLength(1);
    expect((await client.delete(`/auth/sessions/${others[0]?.id ?? ''}`)).status).toBe(204);
    expect([await isIn(elsewhere), await isIn(client)]).toEqual([false, true]);
  });

  test('are nobody else’s to end', async () => {
    const person = await join(stack, owner, 'viewer');
    const [{ id } = { id: '' }] = await sessions(person.client);
    for (const target of [id, 'ses_nobody', '%00']) {
      expect([400, 404]).toContain((await owner.delete(`/auth/sessions/${target}`)).status);
    }
    expect(await isIn(person.client)).toBe(true);
  });
});

describe('a password', () => {
  test('that is changed ends every other session, and is the only one from then on', async () => {
    const person = await join(stack, owner, 'viewer');
    const other = await signIn(stack, person);
    const next = 'another long password';
    const answer = await person.client.post('/auth/password', { current: person.password, new: next });
    expect([answer.status, answer.body]).toEqual([200, { sessionsEnded: 1 }]);
    expect([await isIn(other), await isIn(person.client)]).toEqual([false, true]);
    expect((await anonymous(stack).post('/auth/login', { email: person.email, password: person.password })).status).toBe(401);
    expect(await isIn(await signIn(stack, { email: person.email, password: next }))).toBe(true);
    const [entry] = await recorded(owner, 'password.changed');
    expect(entry).toMatchObject({ actor: { id: person.id }, target: { id: person.id }, after: { sessionsEnded: 1 } });
    expect(JSON.stringify(entry)).not.toContain(next);
  });

  test('is changed by whoever is something else in another account of theirs', async () => {
    const { client, elsewhere, password } = await inTwoAccounts();
    const answer = await client.post('/auth/password', { current: password, new: 'another long password' });
    expect([answer.status, answer.body]).toEqual([200, { sessionsEnded: 1 }]);
    expect([await isIn(elsewhere), await isIn(client)]).toEqual([false, true]);
  });

  test('is changed after whoever it is has been removed, or before, each waiting for the other', async () => {
    const person = await join(stack, owner, 'admin');
    const [removing, changing] = [await signIn(stack, person), await signIn(stack, person)];
    const { removed, changed } = await inDatabase(stack, async (sql) => {
      await sql('SELECT FROM memberships WHERE person_id = $1 FOR KEY SHARE', [person.id]);
      const removed = removing.delete(`/members/${person.id}`);
      await untilWaiting(stack, 1);
      const changed = changing.post('/auth/password', { current: person.password, new: 'another long password' });
      await untilWaiting(stack, 2);
      return { removed, changed };
    });
    expect([(await removed).status, (await changed).status]).toEqual([204, 401]);
  });

  test('is not changed without the present one, which can not be guessed here either', async () => {
    const person = await join(stack, owner, 'viewer');
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 11; attempt += 1) {
      statuses.push((await person.client.post('/auth/password', { current: 'guess', new: 'long enough' })).status);
    }
    expect(statuses).toEqual([...Array<number>(10).fill(403), 429]);
  });

  test('that is too short is not taken', async () => {
    const person = await join(stack, owner, 'viewer');
    const answer = await person.client.post('/auth/password', { current: person.password, new: 'short' });
    expect(errorCode(answer)).toBe('invalid_request');
  });
});

describe('the record of the account tells of', () => {
  test('sign-ins and of those that were refused to somebody known, not of those of nobody', async () => {
    const person = await join(stack, owner, 'viewer');
    await signIn(stack, person);
    expect((await recorded(owner, 'session.opened'))[0]).toMatchObject({ target: { type: 'person', id: person.id } });
    const before = (await recorded(owner, 'session.refused')).length;
    await anonymous(stack).post('/auth/login', { email: 'nobody@example.com', password: 'x' });
    await anonymous(stack).post('/auth/login', { email: person.email, password: 'x' });
    let refused = await recorded(owner, 'session.refused');
    for (let wait = 0; wait < 100 && refused.length === before; wait += 1) {
      await sleep(50);
      refused = await recorded(owner, 'session.refused');
    }
    expect(refused).toHaveLength(before + 1);
    expect(refused[0]).toMatchObject({ target: { type: 'person', id: person.id }, actor: { type: 'system', id: 'sign-in' } });
  });
});
