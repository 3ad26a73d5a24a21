import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AdminClient, bearer, sessionOf } from '../../support/admin-client.js';
import { errorCode, inDatabase, mint, newcomer } from '../admin/office.js';
import { accept, forgetAttempts, invitationToken, recorded, signInAnew, somebody } from '../admin/people.js';
import { enforcing } from '../coherence/fleet.js';
import { GuardedApi } from '../guard/guarded-api.js';
import { type Installation, startInstallation } from '../verifier/installation.js';

const TIMES = 10;

let installation: Installation;
let api: GuardedApi;
let operator: AdminClient;
let ownId: string;

beforeAll(async () => {
  installation = await startInstallation();
  api = await GuardedApi.start(installation.stack);
  operator = installation.admin;
  ownId = ((await operator.get('/auth/session')).body as { account: { id: string } }).account.id;
}, 60_000);
afterAll(async () => {
  await api.stop();
  await installation.stop();
});

const setStatus = (id: string, change: 'suspend' | 'resume') => operator.post(`/accounts/${id}/${change}`);

describe('an account that an operator makes', () => {
  test('has what keys start with, and is entered by its owner alone', async () => {
    const { stack } = installation;
    const owner = somebody();
    const made = await operator.post('/accounts', { name: 'Weavers', ownerEmail: owner.email });
    const token = invitationToken(made);
    const { account } = made.body as { account: { id: string; status: string } };
    expect(account).toMatchObject({ name: 'Weavers', status: 'active' });
    await forgetAttempts(stack);
    const client = sessionOf(stack, await accept(stack, token, owner));
    expect((await client.get('/auth/session')).body).toMatchObject({ account: { id: account.id }, role: 'owner' });
    const names = async (path: string) =>
      ((await client.get(path)).body as { data: { name: string }[] }).data.map(({ name }) => name).sort();
    expect(await names('/key-formats')).toEqual(['default', 'garmint', 'keymint']);
    expect(await names('/scopes')).toContain('customers:read');
    expect((await mint(client)).id).toMatch(/^key_/);
    expect((await recorded(client, 'account.created'))[0]).toMatchObject({
      actor: { type: 'person' },
      target: { id: account.id },
    });
    const { data } = (await operator.get('/accounts?limit=1')).body as { data: { id: string }[] };
    expect(data.map(({ id }) => id)).toEqual([account.id]);
  });

  test('is entered by the owner whom the operator invites again, where the first link ran out; the first one is void', async () => {
    const { stack } = installation;
    const [first, owner] = [somebody(), somebody()];
    const made = await operator.post('/accounts', { name: 'Dyers', ownerEmail: first.email });
    const { account } = made.body as { account: { id: string } };
    await inDatabase(stack, (sql) =>
      sql(`UPDATE invitations SET expires_at = clock_timestamp() - interval '1 second' WHERE account_id = $1`, [account.id]),
    );
    expect((await accept(stack, invitationToken(made), first)).status).toBe(404);

    const path = `/accounts/${account.id}/owner-invitation`;
    const wrong = invitationToken(await operator.post(path, { ownerEmail: first.email }));
    const token = invitationToken(await operator.post(path, { ownerEmail: owner.email }));
    expect((await accept(stack, wrong, first)).status).toBe(404);
    const client = sessionOf(stack, await accept(stack, token, owner));
    expect((await client.get('/auth/session')).body).toMatchObject({ account: { id: account.id }, role: 'owner' });
    expect(await recorded(client, 'invitation.created')).toHaveLength(3);
    expect(await recorded(client, 'invitation.withdrawn')).toHaveLength(1);
  });

  test('is not entered through the operator once somebody is in', async () => {
    const { stack } = installation;
    const owner = somebody();
    const made = await operator.post('/accounts', { name: 'Spinners', ownerEmail: owner.email });
    const { account } = made.body as { account: { id: string } };
    const client = sessionOf(stack, await accept(stack, invitationToken(made), owner));
    const guest = somebody();
    const link = invitationToken(await client.post('/members/invitations', { email: guest.email, role: 'viewer' }));
    const refused = await operator.post(`/accounts/${account.id}/owner-invitation`, { ownerEmail: somebody().email });
    expect([refused.status, errorCode(refused)]).toEqual([409, 'conflict']);
    expect((await accept(stack, link, guest)).status).toBe(200);
  });

  test.each(['acc_nobody', 'x', `acc_${'0'.repeat(26)}`])('is none of %s', async (id) => {
    for (const change of ['suspend', 'resume'] as const) expect(errorCode(await setStatus(id, change))).toBe('not_found');
    const invited = await operator.post(`/accounts/${id}/owner-invitation`, { ownerEmail: somebody().email });
    expect(errorCode(invited)).toBe('not_found');
  });
});

describe('a suspended account', () => {
  test(`has no key that a warm guard accepts, from when the call returns, ${TIMES} times, until it is resumed`, async () => {
    const { token } = await installation.mint({ scopes: ['garments:read'] });
    for (let time = 0; time < TIMES; time += 1) {
      await api.untilKept(token);
      expect(enforcing(await setStatus(ownId, 'suspend')).enforced.verifiers).toBeGreaterThanOrEqual(2);
      // The guard's own key is of the account: whatever it presents, it learns of no key that is good.
      expect(await api.get(token)).not.toBe(200);
      enforcing(await setStatus(ownId, 'resume'));
    }
  }, 120_000);

  test('is suspended for its management keys and its people, who may go on reading', async () => {
    const { stack } = installation;
    const other = await newcomer(stack, { role: 'owner' });
    const { account } = (await other.get('/auth/session')).body as { account: { id: string } };
    const manager = bearer(stack, (await mint(other, { scopes: ['mintmark:keys:read'] })).token);
    expect((await manager.get('/keys')).status).toBe(200);
    const { body } = await setStatus(account.id, 'suspend');
    expect(body).toMatchObject({ account: { id: account.id, status: 'suspended' } });
    expect((await manager.get('/keys')).status).toBe(401);
    expect((await other.get('/keys')).status).toBe(200);
    for (const refused of [await other.post('/keys', { name: 'x' }), await other.post('/products', { name: 'x' })]) {
      expect([refused.status, errorCode(refused)]).toEqual([403, 'forbidden']);
    }
    const [entry] = await recorded(other, 'account.suspended');
    expect(entry).toMatchObject({ actor: { type: 'person' }, before: { status: 'active' }, after: { status: 'suspended' } });
    enforcing(await setStatus(account.id, 'suspend'));
    expect(await recorded(other, 'account.suspended')).toHaveLength(1);
    enforcing(await setStatus(account.id, 'resume'));
    expect((await manager.get('/keys')).status).toBe(200);
    expect((await other.post('/keys', { name: 'x' })).status).toBe(201);
  });

  test('is entered by its people, and resumed by an operator of its own', async () => {
    enforcing(await setStatus(ownId, 'suspend'));
    const again = await signInAnew(installation.stack);
    expect((await again.get('/keys')).status).toBe(200);
    expect((await again.post('/keys', { name: 'x' })).status).toBe(403);
    enforcing(await again.post(`/accounts/${ownId}/resume`));
    expect((await again.post('/keys', { name: 'x' })).status).toBe(201);
  });
});
