import { beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { errorCode, newcomer } from './office.js';
import { forgetAttempts, join, recorded } from './people.js';
import { officeForTests, owner, stack } from './own-office.js';

let ownerId: string;

officeForTests();
beforeAll(async () => {
  ownerId = ((await owner.get('/auth/session')).body as { user: { id: string } }).user.id;
});
beforeEach(() => forgetAttempts(stack));

const roleOf = async (id: string) => {
  const { body } = await owner.get('/members?limit=200');
  return (body as { data: { id: string; role: string }[] }).data.find((member) => member.id === id)?.role;
};

describe('the role of a member', () => {
  test('is changed by an owner, and counts from their next request', async () => {
    const { client, id } = await join(stack, owner, 'viewer');
    expect((await client.post('/keys', { name: 'x' })).status).toBe(403);
    const { status, body } = await owner.patch(`/members/${id}`, { role: 'developer' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ id, role: 'developer' });
    expect((await client.post('/keys', { name: 'x' })).status).toBe(201);
    expect((await recorded(owner, 'member.changed'))[0]).toMatchObject({
      actor: { type: 'person', id: ownerId },
      target: { type: 'person', id },
      before: { role: 'viewer' },
      after: { role: 'developer' },
    });
  });

  test.each(['boss', '', null, undefined])('is none of %j', async (role) => {
    const { id } = await join(stack, owner, 'viewer');
    expect(errorCode(await owner.patch(`/members/${id}`, { role }))).toBe('invalid_request');
  });

  test('of an owner is an owner’s to give and to take', async () => {
    const admin = await join(stack, owner, 'admin');
    const other = await join(stack, owner, 'viewer');
    const second = await join(stack, owner, 'owner');
    expect((await admin.client.patch(`/members/${other.id}`, { role: 'owner' })).status).toBe(403);
    expect((await admin.client.patch(`/members/${admin.id}`, { role: 'owner' })).status).toBe(403);
    expect((await admin.client.patch(`/members/${second.id}`, { role: 'viewer' })).status).toBe(403);
    expect((await admin.client.delete(`/members/${second.id}`)).status).toBe(403);
    expect((await admin.client.patch(`/members/${other.id}`, { role: 'admin' })).status).toBe(200);
    expect((await owner.patch(`/members/${second.id}`, { role: 'viewer' })).status).toBe(200);
  });
});

test('whoever is removed is out at once, and the record says so', async () => {
  const { client, id, email } = await join(stack, owner, 'developer');
  expect((await client.get('/keys')).status).toBe(200);
  expect((await owner.delete(`/members/${id}`)).status).toBe(204);
  expect((await client.get('/keys')).status).toBe(401);
  expect(await roleOf(id)).toBeUndefined();
  expect((await owner.delete(`/members/${id}`)).status).toBe(404);
  expect((await recorded(owner, 'member.removed'))[0]).toMatchObject({ target: { id }, before: { email, role: 'developer' } });
});

test('an account keeps an owner, whatever two owners do to each other at once', async () => {
  expect(errorCode(await owner.delete(`/members/${ownerId}`))).toBe('conflict');
  expect(errorCode(await owner.patch(`/members/${ownerId}`, { role: 'admin' }))).toBe('conflict');
  for (let time = 0; time < 5; time += 1) {
    const second = await join(stack, owner, 'owner');
    const answers = await Promise.all([
      owner.patch(`/members/${ownerId}`, { role: 'admin' }),
      second.client.patch(`/members/${second.id}`, { role: 'admin' }),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const left = answers[0].status === 409 ? owner : second.client;
    await left.patch(`/members/${ownerId}`, { role: 'owner' });
    await left.patch(`/members/${second.id}`, { role: 'viewer' });
    if (left !== owner) await owner.patch(`/members/${second.id}`, { role: 'viewer' });
  }
  expect(await roleOf(ownerId)).toBe('owner');
}, 60_000);

test('a member of another account answers as one that never was', async () => {
  const { id } = await join(stack, owner, 'viewer');
  const stranger = await newcomer(stack, { role: 'owner' });
  for (const target of [id, `usr_${'0'.repeat(26)}`]) {
    expect((await stranger.patch(`/members/${target}`, { role: 'viewer' })).status).toBe(404);
    expect((await stranger.delete(`/members/${target}`)).status).toBe(404);
  }
  expect(JSON.stringify((await stranger.get('/members')).body)).not.toContain(id);
  expect(await roleOf(id)).toBe('viewer');
});
