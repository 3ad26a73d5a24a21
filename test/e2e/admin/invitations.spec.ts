import { beforeEach, describe, expect, test } from '@jest/globals';
import { MINTMARK_SCOPES } from '#libs/key-domain';
import { bearer, sessionOf, signIn } from '../../support/admin-client.js';
import { errorCode, faultPaths, inDatabase, mint, newcomer } from './office.js';
import { accept, forgetAttempts, invitationToken, join, recorded, somebody, userId } from './people.js';
import { accountId, officeForTests, owner, stack } from './own-office.js';

officeForTests();
beforeEach(() => forgetAttempts(stack));

const invite = (email: string, role = 'developer', inviter = owner) => inviter.post('/members/invitations', { email, role });
const open = async () => ((await owner.get('/members/invitations')).body as { data: { id: string; email: string }[] }).data;

describe('an invitation', () => {
  test('is shown with its link once, for a week, and stored as a digest alone', async () => {
    const { email } = somebody();
    const answer = await invite(email);
    expect(answer.status).toBe(201);
    const { invitation, link } = answer.body as { invitation: { createdAt: string; expiresAt: string }; link: string };
    expect(invitation).toMatchObject({ id: expect.stringMatching(/^inv_/), email, role: 'developer' });
    expect(Date.parse(invitation.expiresAt) - Date.parse(invitation.createdAt)).toBeGreaterThan(7 * 86_400_000 - 5_000);
    expect(link).toMatch(`${stack.adminUrl}/invitation#token=`);
    const token = invitationToken(answer);
    expect(JSON.stringify(await open())).toContain(email);
    expect(JSON.stringify([await open(), await recorded(owner, 'invitation.created')])).not.toContain(token);
    const rows = JSON.stringify(await inDatabase(stack, (sql) => sql('SELECT invitations::text AS row FROM invitations')));
    for (const written of [token, Buffer.from(token).toString('hex'), Buffer.from(token, 'base64url').toString('hex')]) {
      expect(rows).not.toContain(written);
    }
  });

  test('lets somebody new in, in the role that it names, once', async () => {
    const person = somebody();
    const token = invitationToken(await invite(person.email));
    const answer = await accept(stack, token, person);
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ user: { email: person.email, operator: false }, role: 'developer' });
    expect((await sessionOf(stack, answer).get('/keys')).status).toBe(200);
    expect((await accept(stack, token, person)).status).toBe(404);
    expect((await signIn(stack, person)).cookie).not.toBe('');
    expect((await open()).map(({ email }) => email)).not.toContain(person.email);
    expect((await recorded(owner, 'invitation.accepted'))[0]).toMatchObject({ actor: { type: 'person', id: userId(answer) } });
  });

  test('is accepted once, of twenty who accept it at once', async () => {
    const person = somebody();
    const token = invitationToken(await invite(person.email));
    const answers = await Promise.all(Array.from({ length: 20 }, () => accept(stack, token, person)));
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => ![200, 403, 404, 409].includes(status))).toEqual([]);
  }, 30_000);

  test('takes no short password, and can be tried again', async () => {
    const person = somebody();
    const token = invitationToken(await invite(person.email));
    expect(faultPaths(await accept(stack, token, { password: 'short' }))).toEqual(['password']);
    expect((await accept(stack, token, person)).status).toBe(200);
  });

  test('is void once another takes its place, it is withdrawn, or it has run out', async () => {
    const person = somebody();
    const former = invitationToken(await invite(person.email));
    const next = invitationToken(await invite(person.email.toUpperCase(), 'viewer'));
    expect((await accept(stack, former, person)).status).toBe(404);
    const { id = '' } = (await open()).find(({ email }) => email.toLowerCase() === person.email) ?? {};
    expect((await owner.delete(`/members/invitations/${id}`)).status).toBe(204);
    expect((await owner.delete(`/members/invitations/${id}`)).status).toBe(404);
    expect((await accept(stack, next, person)).status).toBe(404);
    const late = invitationToken(await invite(person.email));
    await inDatabase(stack, (sql) => sql("UPDATE invitations SET expires_at = clock_timestamp() - interval '1 second'"));
    expect((await accept(stack, late, person)).status).toBe(404);
    expect(await open()).toEqual([]);
  });

  test.each(['', 'nobody', 'a@b', 'a@b.example\n', `${'a'.repeat(255)}@b.example`])('goes to no %j', async (email) => {
    expect(faultPaths(await invite(email))).toEqual(['email']);
  });

  test.each(['', 'x', 'a'.repeat(43), '\0', 'ü'.repeat(43)])('is not the one of %j', async (token) => {
    const { status } = await accept(stack, token, somebody());
    expect([400, 404]).toContain(status);
  });
});

describe('a person who is known', () => {
  test('joins by the password that they have, and goes on in whichever account', async () => {
    const stranger = await newcomer(stack, { role: 'owner' });
    const person = await join(stack, stranger, 'viewer');
    const token = invitationToken(await invite(person.email, 'admin'));
    expect((await accept(stack, token, { password: 'not theirs' })).status).toBe(403);
    const answer = await accept(stack, token, person);
    expect(answer.status).toBe(200);
    const { account, accounts } = answer.body as { account: { id: string }; accounts: { id: string; role: string }[] };
    expect(accounts.map(({ role }) => role)).toEqual(['viewer', 'admin']);
    const here = sessionOf(stack, answer);
    const [theirs = { id: '' }] = accounts;
    const switched = await here.post('/auth/session/account', { accountId: theirs.id });
    expect(switched.body).toMatchObject({ account: { id: theirs.id }, role: 'viewer' });
    expect((await here.get('/auth/session')).status).toBe(401);
    const there = sessionOf(stack, switched);
    expect((await there.post('/keys', { name: 'x' })).status).toBe(403);
    for (const accountId of [`acc_${'0'.repeat(26)}`, 'x']) {
      expect((await there.post('/auth/session/account', { accountId })).status).toBe(404);
    }
    expect((await owner.delete(`/members/${person.id}`)).status).toBe(204);
    expect((await there.post('/auth/session/account', { accountId: account.id })).status).toBe(404);
  });

  test('is not guessed through an invitation', async () => {
    const person = await join(stack, await newcomer(stack, { role: 'owner' }), 'viewer');
    await forgetAttempts(stack);
    const token = invitationToken(await invite(person.email));
    const statuses: number[] = [];
    for (let attempt = 0; attempt < 11; attempt += 1) statuses.push((await accept(stack, token, { password: 'guess' })).status);
    expect(statuses).toEqual([...Array<number>(10).fill(403), 429]);
  });

  test('who is a member is not invited', async () => {
    const { email } = await join(stack, owner, 'viewer');
    expect(errorCode(await invite(email.toUpperCase()))).toBe('conflict');
  });
});

describe('who may invite whom', () => {
  test('an admin invites no owner, and neither replaces nor withdraws an owner’s invitation', async () => {
    const { client: admin } = await join(stack, owner, 'admin');
    const { email } = somebody();
    expect((await invite(email, 'owner', admin)).status).toBe(403);
    const { invitation } = (await invite(email, 'owner')).body as { invitation: { id: string } };
    expect((await invite(email, 'viewer', admin)).status).toBe(403);
    expect((await admin.delete(`/members/invitations/${invitation.id}`)).status).toBe(403);
    expect((await invite(somebody().email, 'admin', admin)).status).toBe(201);
  });

  test('a management key invites nobody who could do more than itself', async () => {
    const holding = async (...scopes: string[]) => bearer(stack, (await mint(owner, { scopes })).token);
    const plain = await holding('mintmark:account:write');
    const reading = await holding('mintmark:account:write', 'mintmark:account:read', 'mintmark:keys:read');
    expect((await invite(somebody().email, 'viewer', plain)).status).toBe(403);
    expect((await invite(somebody().email, 'viewer', reading)).status).toBe(201);
    for (const role of ['owner', 'admin', 'developer']) {
      expect((await invite(somebody().email, role, reading)).status).toBe(403);
    }
  });

  test('a management key with limits gets around them through nobody', async () => {
    const { token } = await mint(owner, { scopes: MINTMARK_SCOPES, expiresInDays: 1, allowedCidrs: ['127.0.0.0/8'] });
    const limited = bearer(stack, token);
    for (const role of ['admin', 'developer', 'viewer']) {
      expect((await invite(somebody().email, role, limited)).status).toBe(403);
    }
    const viewer = await newcomer(stack, { role: 'viewer', accountId });
    const { user } = (await viewer.get('/auth/session')).body as { user: { id: string } };
    expect((await limited.patch(`/members/${user.id}`, { role: 'admin' })).status).toBe(403);
    expect((await limited.delete(`/members/${user.id}`)).status).toBe(204);
  });

  test('an invitation of another account answers as one that never was', async () => {
    const { invitation } = (await invite(somebody().email)).body as { invitation: { id: string } };
    const stranger = await newcomer(stack, { role: 'owner' });
    expect((await stranger.delete(`/members/invitations/${invitation.id}`)).status).toBe(404);
    expect((await open()).map(({ id }) => id)).toContain(invitation.id);
  });
});
