import { describe, expect, test } from '@jest/globals';
import { WEBHOOK_EVENTS } from '#libs/key-domain';
import { bearer } from '../../support/admin-client.js';
import { errorCode, faultPaths, inDatabase, mint, newcomer } from '../admin/office.js';
import { added, type Delivery, WebhookOffice } from './webhook-office.js';

const office = WebhookOffice.forTests();

describe('a webhook', () => {
  test('of another account is told nothing, and answers as if it did not exist', async () => {
    const stranger = await newcomer(office.stack, { role: 'owner' });
    const { id } = await office.add({}, stranger);
    await mint(office.owner);
    const calls = [
      office.owner.get(`/webhooks/${id}`),
      office.owner.patch(`/webhooks/${id}`, { enabled: false }),
      office.owner.delete(`/webhooks/${id}`),
      office.owner.post(`/webhooks/${id}/rotate-secret`, { graceSeconds: 0 }),
      office.owner.get(`/webhooks/${id}/deliveries`),
      office.owner.post(`/webhooks/${id}/test`),
    ];
    expect((await Promise.all(calls)).map(errorCode)).toEqual(calls.map(() => 'not_found'));
    const { body } = await stranger.post(`/webhooks/${id}/test`);
    const again = await office.owner.post(`/webhooks/${id}/deliveries/${(body as Delivery).id}/redeliver`);
    expect(errorCode(again)).toBe('not_found');
    expect(office.receiver.received.map((one) => (JSON.parse(one.body) as { type: string }).type)).not.toContain('key.created');
  });

  test('is shown with everything but its secret, which the database does not hold in clear either', async () => {
    const { id, secret } = await office.add({ description: 'ours', events: ['key.leaked', 'key.created'] });
    const shown = (await office.owner.get(`/webhooks/${id}`)).body;
    expect(shown).toEqual({
      ...{ id, url: office.receiver.url, events: ['key.created', 'key.leaked'], description: 'ours', enabled: true },
      ...{ disabledReason: null, createdAt: expect.any(String), formerSecretEndsAt: null },
    });
    expect((await office.owner.get('/webhooks')).body).toEqual({ data: [shown], nextCursor: null });
    expect((await office.owner.post('/webhooks', { url: office.receiver.url })).body).toMatchObject({
      webhook: { events: WEBHOOK_EVENTS },
    });
    const raw = Buffer.from(secret.slice(6), 'base64').toString('hex');
    const [row] = await inDatabase(office.stack, (sql) => sql('SELECT w::text AS text FROM webhooks w WHERE id = $1', [id]));
    expect(String(row?.['text'])).toContain(id);
    expect(String(row?.['text'])).not.toContain(raw);
  });

  test('is put down in the record, without what may be secret in its address', async () => {
    const { id } = await office.add({ url: `${office.receiver.url}?key=hidden` });
    await office.owner.patch(`/webhooks/${id}`, { description: 'ours' });
    await office.owner.post(`/webhooks/${id}/rotate-secret`, { graceSeconds: 0 }).then(({ body }) => added(body));
    await office.owner.delete(`/webhooks/${id}`);
    const { data } = (await office.owner.get(`/audit?target=${id}`)).body as { data: { action: string }[] };
    expect(data.map(({ action }) => action)).toEqual([
      'webhook.deleted',
      'webhook.secret_rotated',
      'webhook.updated',
      'webhook.created',
    ]);
    expect(JSON.stringify(data)).not.toContain('hidden');
  });

  test('is for owners and admins, and for keys with mintmark:account:write to change: its address may hold a secret', async () => {
    const { id } = await office.add();
    const developer = await newcomer(office.stack, { role: 'developer', accountId: await office.accountId() });
    const refused = [
      developer.post('/webhooks', { url: office.receiver.url }),
      developer.delete(`/webhooks/${id}`),
      ...['/webhooks', `/webhooks/${id}`, `/webhooks/${id}/deliveries`].map((path) => developer.get(path)),
    ];
    expect((await Promise.all(refused)).map(errorCode)).toEqual(Array(5).fill('forbidden'));
    const { token } = await mint(office.owner, { scopes: ['mintmark:account:write'] });
    expect((await bearer(office.stack, token).patch(`/webhooks/${id}`, { description: 'x' })).status).toBe(200);
  });

  test.each<[string, object, string[]]>([
    ['no URL', { url: 'nonsense' }, ['url']],
    ['another protocol', { url: 'ftp://example.com' }, ['url']],
    ['a password', { url: 'https://a:b@example.com' }, ['url']],
    ['a private address', { url: 'http://10.0.0.1/' }, ['url']],
    ['the metadata service of a cloud', { url: 'http://169.254.169.254/latest' }, ['url']],
    ['a private address inside of another', { url: 'http://[64:ff9b::a00:1]/' }, ['url']],
    ['an event that there is not', { url: 'https://example.com', events: ['key.made'] }, ['events.0']],
    ['no event', { url: 'https://example.com', events: [] }, ['events']],
    ['what is not known', { url: 'https://example.com', secret: 'mine' }, ['secret']],
  ])('is not added with %s', async (_, body, paths) => {
    const answer = await office.owner.post('/webhooks', body);
    expect([answer.status, faultPaths(answer)]).toEqual([400, paths]);
  });

  test('is one of 20 at most, however many are added at once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 23 }, () => office.owner.post('/webhooks', { url: office.receiver.url })),
    );
    for (const { status, body } of answers) if (status === 201) added(body);
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array<number>(20).fill(201), 409, 409, 409]);
  });
});
