import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { errorCode, mint, newcomer } from '../admin/office.js';
import { recordSecret } from '../../support/evidence.js';
import { GithubScanning } from '../admin/github-scanning.js';
import { WebhookOffice } from './webhook-office.js';
import { verified, WebhookReceiver } from './webhook-receiver.js';

let github: GithubScanning;
beforeAll(async () => {
  github = await GithubScanning.start();
});
const office = WebhookOffice.forTests(() => ({ MINTMARK_GITHUB_KEYS_URL: github.keysUrl }));
afterAll(() => {
  github.stop();
});

describe('a webhook', () => {
  test('is told of what happens to a key, each time signed as the specification has it', async () => {
    const { secret } = await office.add();
    const { id } = await mint(office.owner, { name: 'told of', ownerId: 'customer-7' });
    await office.owner.patch(`/keys/${id}`, { name: 'renamed' });
    await office.owner.post(`/keys/${id}/rotate`, { graceSeconds: 60 });
    await office.owner.post(`/keys/${id}/revoke`, { reason: 'key_compromise' });
    const events = (await office.receiver.first(4)).map((one) => verified(secret, one));
    const inOrder = ['key.created', 'key.updated', 'key.rotated', 'key.revoked'];
    expect(events.map(({ type }) => type).sort()).toEqual([...inOrder].sort());
    const data = Object.fromEntries(events.map((event) => [event.type, event.data]));
    const facts = { id, ownerId: 'customer-7', environment: 'live', expiresAt: null, lastFour: expect.stringMatching(/^.{4}$/) };
    expect(data).toEqual({
      'key.created': { ...facts, name: 'told of' },
      'key.updated': { ...facts, name: 'renamed', changed: ['name'] },
      'key.rotated': { ...facts, name: 'renamed' },
      'key.revoked': { ...facts, name: 'renamed', reason: 'key_compromise' },
    });
    const { data: entries } = (await office.owner.get(`/audit?target=${id}&action=key.revoked`)).body as {
      data: { at: string }[];
    };
    expect(events.find(({ type }) => type === 'key.revoked')?.timestamp).toBe(entries[0]?.at);
  });

  test('is told nothing that is secret', async () => {
    const { secret } = await office.add();
    const { token } = await mint(office.owner);
    const [told] = await office.receiver.first(1);
    expect(told?.body).not.toContain(token);
    expect(JSON.stringify(told?.headers)).not.toContain(secret.slice(6));
  });

  test('is told of what it subscribed to alone, and every one of several is told', async () => {
    const other = await WebhookReceiver.start();
    const { secret } = await office.add({ events: ['key.revoked'] });
    const { secret: others } = await office.add({ url: other.url });
    const { id } = await mint(office.owner);
    await office.owner.delete(`/keys/${id}`);
    const [revoked] = await office.receiver.first(1);
    const both = await other.first(2);
    await other.stop();
    if (revoked === undefined) throw new Error('nothing came');
    expect(verified(secret, revoked)).toMatchObject({ type: 'key.revoked', data: { id, reason: 'unspecified' } });
    const same = both.find((one) => verified(others, one).type === 'key.revoked');
    expect(same?.headers['webhook-id']).toBe(revoked.headers['webhook-id']);
    expect(() => verified(others, revoked)).toThrow();
  });

  test('that is switched off or deleted is told nothing', async () => {
    const { id } = await office.add();
    expect((await office.owner.patch(`/webhooks/${id}`, { enabled: false })).body).toMatchObject({
      enabled: false,
      disabledReason: null,
    });
    await mint(office.owner);
    expect(await office.deliveries(id)).toEqual([]);
    expect(errorCode(await office.owner.post(`/webhooks/${id}/test`))).toBe('conflict');
    await office.owner.patch(`/webhooks/${id}`, { enabled: true });
    expect((await office.owner.post(`/webhooks/${id}/test`)).status).toBe(200);
    await office.receiver.first(1);
    expect((await office.owner.delete(`/webhooks/${id}`)).status).toBe(204);
    await mint(office.owner);
    expect(errorCode(await office.owner.get(`/webhooks/${id}`))).toBe('not_found');
    expect(office.receiver.received).toHaveLength(1);
  });

  test('is told that a token of a key leaked, and that the key was revoked for it', async () => {
    const { secret } = await office.add({ events: ['key.leaked', 'key.revoked'] });
    const { id, token } = await mint(office.owner, { name: 'in a repository' });
    const found = { token, type: 'mintmark_key', url: 'https://github.example/a/b', source: 'content' };
    expect((await github.report(office.stack, [found])).status).toBe(200);
    const told = await office.receiver.first(2);
    const data = Object.fromEntries(told.map((one) => verified(secret, one)).map((event) => [event.type, event.data]));
    expect(data).toEqual({
      'key.leaked': expect.objectContaining({ id, name: 'in a repository' }),
      'key.revoked': expect.objectContaining({ id, reason: 'key_compromise' }),
    });
    expect(JSON.stringify(told)).not.toContain(token);
  });

  test('is told that its account was suspended, once, and nothing of others', async () => {
    const theirs = await newcomer(office.stack, { role: 'owner' });
    const { account } = (await theirs.get('/auth/session')).body as { readonly account: { readonly id: string } };
    const { secret } = await office.add({}, theirs);
    const others = await WebhookReceiver.start();
    await office.add({ url: others.url });
    for (let time = 0; time < 2; time++) {
      expect((await office.owner.post(`/accounts/${account.id}/suspend`)).status).toBe(200);
    }
    const [told] = await office.receiver.first(1);
    if (told === undefined) throw new Error('nothing came');
    expect(verified(secret, told)).toMatchObject({ type: 'account.suspended', data: { id: account.id } });
    expect((await office.owner.post(`/accounts/${account.id}/resume`)).status).toBe(200);
    await mint(office.owner);
    await others.first(1);
    await others.stop();
    expect(office.receiver.received).toHaveLength(1);
    expect(others.received.map(({ body }) => (JSON.parse(body) as { type: string }).type)).toEqual(['key.created']);
  });

  test('is told of each of many keys that are imported, and then revoked, in one call', async () => {
    const { secret } = await office.add();
    const tokens = Array.from({ length: 5 }, (_, n) => `former_${randomBytes(16).toString('hex')}_${n}`);
    for (const token of tokens) recordSecret('token', token);
    const lines = tokens.map((token, n) => JSON.stringify({ token, name: `former ${n}`, ownerId: 'moved' }));
    const imported = await fetch(`${office.stack.adminUrl}/api/v1/keys/import`, {
      method: 'POST',
      headers: { cookie: office.owner.cookie, 'content-type': 'application/x-ndjson' },
      body: lines.join('\n'),
    });
    expect([imported.status, (await imported.text()).trim().split('\n').length]).toEqual([200, 5]);
    const revoked = await office.owner.post('/keys/revoke-matching', { ownerId: 'moved', reason: 'superseded' });
    expect(revoked.body).toMatchObject({ revoked: 5 });
    const events = (await office.receiver.first(10)).map((one) => verified(secret, one));
    for (const [type, reason] of [['key.created'], ['key.revoked', 'superseded']]) {
      const data = events.filter((event) => event.type === type).map((event) => event.data);
      expect(data.map(({ name }) => name).sort()).toEqual(tokens.map((_, n) => `former ${n}`));
      expect(data.map((one) => one['reason'])).toEqual(Array(5).fill(reason));
    }
    expect(JSON.stringify(office.receiver.received)).not.toContain('former_');
  });
});
