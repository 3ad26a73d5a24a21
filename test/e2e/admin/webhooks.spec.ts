import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { WEBHOOK_EVENTS } from '#libs/key-domain';
import { type AdminClient, bearer, signIn } from '../../support/admin-client.js';
import { recordSecret } from '../../support/evidence.js';
import { type Stack, startStack } from '../../support/stack.js';
import { errorCode, faultPaths, inDatabase, mint, newcomer } from './office.js';
import { verified, WebhookReceiver } from './webhook-receiver.js';

interface Added {
  readonly id: string;
  readonly secret: string;
}

interface Delivery {
  readonly id: string;
  readonly type: string;
  readonly status: string;
  readonly nextAttemptAt: string | null;
  readonly attempts: readonly { readonly number: number; readonly statusCode: number | null; readonly error: string | null }[];
}

let stack: Stack;
let owner: AdminClient;
let accountId: string;
let receiver: WebhookReceiver;

beforeAll(async () => {
  stack = await startStack({ env: { MINTMARK_WEBHOOK_ALLOW_PRIVATE: '127.0.0.0/8' } });
  owner = await signIn(stack);
  accountId = ((await owner.get('/auth/session')).body as { account: { id: string } }).account.id;
});
afterAll(() => stack.stop());
beforeEach(async () => {
  receiver = await WebhookReceiver.start();
});
afterEach(async () => {
  await inDatabase(stack, (sql) => sql('DELETE FROM webhooks'));
  await receiver.stop();
});

async function add(fields: object = {}, admin = owner): Promise<Added> {
  const { status, body } = await admin.post('/webhooks', { url: receiver.url, ...fields });
  if (status !== 201) throw new Error(`not added: ${status} ${JSON.stringify(body)}`);
  return added(body);
}

function added(body: unknown): Added {
  const { secret, webhook } = body as { readonly secret: string; readonly webhook: { readonly id: string } };
  recordSecret('webhook-secret', secret);
  return { id: webhook.id, secret };
}

async function deliveries(id: string): Promise<readonly Delivery[]> {
  const { status, body } = await owner.get(`/webhooks/${id}/deliveries`);
  expect(status).toBe(200);
  return (body as { readonly data: readonly Delivery[] }).data;
}

/** Once the newest delivery is as a test wants it; what is said after a request came is recorded a little later. */
async function newest(id: string, holds: (delivery: Delivery) => boolean): Promise<Delivery> {
  for (;;) {
    const [delivery] = await deliveries(id);
    if (delivery !== undefined && holds(delivery)) return delivery;
    await sleep(50);
  }
}

/** As if the wait for the next attempt, or somebody's lease, were over. */
const hasten = () =>
  inDatabase(stack, (sql) => sql('UPDATE webhook_deliveries SET next_attempt_at = now() WHERE next_attempt_at IS NOT NULL'));

describe('a webhook', () => {
  test('is told of what happens to a key, each time signed as the specification has it', async () => {
    const { secret } = await add();
    const { id } = await mint(owner, { name: 'told of', ownerId: 'customer-7' });
    await owner.patch(`/keys/${id}`, { name: 'renamed' });
    await owner.post(`/keys/${id}/rotate`, { graceSeconds: 60 });
    await owner.post(`/keys/${id}/revoke`, { reason: 'key_compromise' });
    const events = (await receiver.first(4)).map((one) => verified(secret, one));
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
    const { data: entries } = (await owner.get(`/audit?target=${id}&action=key.revoked`)).body as { data: { at: string }[] };
    expect(events.find(({ type }) => type === 'key.revoked')?.timestamp).toBe(entries[0]?.at);
  });

  test('is told nothing that is secret', async () => {
    const { secret } = await add();
    const { token } = await mint(owner);
    const [told] = await receiver.first(1);
    expect(told?.body).not.toContain(token);
    expect(JSON.stringify(told?.headers)).not.toContain(secret.slice(6));
  });

  test('is told of what it subscribed to alone, and every one of several is told', async () => {
    const other = await WebhookReceiver.start();
    const { secret } = await add({ events: ['key.revoked'] });
    const { secret: others } = await add({ url: other.url });
    const { id } = await mint(owner);
    await owner.delete(`/keys/${id}`);
    const [revoked] = await receiver.first(1);
    const both = await other.first(2);
    await other.stop();
    if (revoked === undefined) throw new Error('nothing came');
    expect(verified(secret, revoked)).toMatchObject({ type: 'key.revoked', data: { id, reason: 'unspecified' } });
    const same = both.find((one) => verified(others, one).type === 'key.revoked');
    expect(same?.headers['webhook-id']).toBe(revoked.headers['webhook-id']);
    expect(() => verified(others, revoked)).toThrow();
  });

  test('of another account is told nothing, and answers as if it did not exist', async () => {
    const stranger = await newcomer(stack, { role: 'owner' });
    const { id } = await add({}, stranger);
    await mint(owner);
    const calls = [
      owner.get(`/webhooks/${id}`),
      owner.patch(`/webhooks/${id}`, { enabled: false }),
      owner.delete(`/webhooks/${id}`),
      owner.post(`/webhooks/${id}/rotate-secret`, { graceSeconds: 0 }),
      owner.get(`/webhooks/${id}/deliveries`),
      owner.post(`/webhooks/${id}/test`),
    ];
    expect((await Promise.all(calls)).map(errorCode)).toEqual(calls.map(() => 'not_found'));
    const { body } = await stranger.post(`/webhooks/${id}/test`);
    const again = await owner.post(`/webhooks/${id}/deliveries/${(body as Delivery).id}/redeliver`);
    expect(errorCode(again)).toBe('not_found');
    expect(receiver.received.map((one) => (JSON.parse(one.body) as { type: string }).type)).not.toContain('key.created');
  });

  test('that is switched off or deleted is told nothing', async () => {
    const { id } = await add();
    expect((await owner.patch(`/webhooks/${id}`, { enabled: false })).body).toMatchObject({
      enabled: false,
      disabledReason: null,
    });
    await mint(owner);
    expect(await deliveries(id)).toEqual([]);
    expect(errorCode(await owner.post(`/webhooks/${id}/test`))).toBe('conflict');
    await owner.patch(`/webhooks/${id}`, { enabled: true });
    expect((await owner.post(`/webhooks/${id}/test`)).status).toBe(200);
    await receiver.first(1);
    expect((await owner.delete(`/webhooks/${id}`)).status).toBe(204);
    await mint(owner);
    expect(errorCode(await owner.get(`/webhooks/${id}`))).toBe('not_found');
    expect(receiver.received).toHaveLength(1);
  });

  test('is shown with everything but its secret, which the database does not hold in clear either', async () => {
    const { id, secret } = await add({ description: 'ours', events: ['key.leaked', 'key.created'] });
    const shown = (await owner.get(`/webhooks/${id}`)).body;
    expect(shown).toEqual({
      ...{ id, url: receiver.url, events: ['key.created', 'key.leaked'], description: 'ours', enabled: true },
      ...{ disabledReason: null, createdAt: expect.any(String), formerSecretEndsAt: null },
    });
    expect((await owner.get('/webhooks')).body).toEqual({ data: [shown], nextCursor: null });
    expect((await owner.post('/webhooks', { url: receiver.url })).body).toMatchObject({ webhook: { events: WEBHOOK_EVENTS } });
    const raw = Buffer.from(secret.slice(6), 'base64').toString('hex');
    const [row] = await inDatabase(stack, (sql) => sql('SELECT w::text AS text FROM webhooks w WHERE id = $1', [id]));
    expect(String(row?.['text'])).toContain(id);
    expect(String(row?.['text'])).not.toContain(raw);
  });

  test('is put down in the record, without what may be secret in its address', async () => {
    const { id } = await add({ url: `${receiver.url}?key=hidden` });
    await owner.patch(`/webhooks/${id}`, { description: 'ours' });
    await owner.post(`/webhooks/${id}/rotate-secret`, { graceSeconds: 0 }).then(({ body }) => added(body));
    await owner.delete(`/webhooks/${id}`);
    const { data } = (await owner.get(`/audit?target=${id}`)).body as { data: { action: string }[] };
    expect(data.map(({ action }) => action)).toEqual([
      'webhook.deleted',
      'webhook.secret_rotated',
      'webhook.updated',
      'webhook.created',
    ]);
    expect(JSON.stringify(data)).not.toContain('hidden');
  });

  test('is for owners, admins and keys with mintmark:account:write to change', async () => {
    const { id } = await add();
    const developer = await newcomer(stack, { role: 'developer', accountId });
    expect((await developer.get(`/webhooks/${id}`)).status).toBe(200);
    const refused = [developer.post('/webhooks', { url: receiver.url }), developer.delete(`/webhooks/${id}`)];
    expect((await Promise.all(refused)).map(errorCode)).toEqual(['forbidden', 'forbidden']);
    const { token } = await mint(owner, { scopes: ['mintmark:account:write'] });
    expect((await bearer(stack, token).patch(`/webhooks/${id}`, { description: 'x' })).status).toBe(200);
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
    const answer = await owner.post('/webhooks', body);
    expect([answer.status, faultPaths(answer)]).toEqual([400, paths]);
  });

  test('is one of 20 at most, however many are added at once', async () => {
    const answers = await Promise.all(Array.from({ length: 23 }, () => owner.post('/webhooks', { url: receiver.url })));
    for (const { status, body } of answers) if (status === 201) added(body);
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array<number>(20).fill(201), 409, 409, 409]);
  });
});

describe('a delivery', () => {
  test('that fails is attempted again after 5 s and then 5 min, under the same id, until it arrives', async () => {
    const { id, secret } = await add();
    receiver.answers = [500, 404];
    await mint(owner);
    const first = await newest(id, ({ attempts }) => attempts.length === 1);
    const within = (delivery: Delivery) => (Date.parse(delivery.nextAttemptAt ?? '') - Date.now()) / 1_000;
    expect(first).toMatchObject({ status: 'pending', attempts: [{ number: 1, statusCode: 500, error: null }] });
    expect(within(first)).toBeLessThan(6);
    await hasten();
    const second = await newest(id, ({ attempts }) => attempts.length === 2);
    expect(within(second)).toBeGreaterThan(280);
    expect(within(second)).toBeLessThan(331);
    await hasten();
    const last = await newest(id, ({ status }) => status === 'delivered');
    expect(last.attempts.map(({ statusCode }) => statusCode)).toEqual([500, 404, 204]);
    expect(last.nextAttemptAt).toBeNull();
    const all = await receiver.first(3);
    expect(all.map((one) => verified(secret, one).type)).toEqual(['key.created', 'key.created', 'key.created']);
    expect(new Set(all.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([last.id]));
  });

  test('is given up when the schedule ends, and can be sent again by hand', async () => {
    const { id, secret } = await add();
    receiver.answers = [500, 500];
    await mint(owner);
    await newest(id, ({ attempts }) => attempts.length === 1);
    await inDatabase(stack, (sql) => sql('UPDATE webhook_deliveries SET failures = 9, next_attempt_at = now()'));
    const givenUp = await newest(id, ({ status }) => status === 'failed');
    expect(givenUp).toMatchObject({ nextAttemptAt: null });
    const again = await owner.post(`/webhooks/${id}/deliveries/${givenUp.id}/redeliver`);
    expect([again.status, again.body]).toMatchObject([200, { id: givenUp.id, status: 'pending' }]);
    expect(await newest(id, ({ status }) => status === 'delivered')).toMatchObject({ id: givenUp.id });
    const [, , last] = await receiver.first(3);
    if (last === undefined) throw new Error('nothing came');
    expect(verified(secret, last).type).toBe('key.created');
    const unknown = await owner.post(`/webhooks/${id}/deliveries/msg_0/redeliver`);
    expect(errorCode(unknown)).toBe('not_found');
  });

  test('to whoever answers 410 is the last one: the webhook is switched off, which is put down', async () => {
    const { id } = await add();
    receiver.answers = [410];
    await mint(owner);
    await newest(id, ({ status }) => status === 'failed');
    expect((await owner.get(`/webhooks/${id}`)).body).toMatchObject({ enabled: false, disabledReason: 'gone' });
    const { data } = (await owner.get(`/audit?target=${id}&limit=1`)).body as { data: object[] };
    expect(data).toMatchObject([
      { action: 'webhook.updated', actor: { type: 'system', id: 'webhooks' }, after: { enabled: false } },
    ]);
    const on = await owner.patch(`/webhooks/${id}`, { enabled: true });
    expect(on.body).toMatchObject({ enabled: true, disabledReason: null });
  });

  test('that is the fifth to be given up switches the webhook off', async () => {
    const { id } = await add({ events: ['key.created'] });
    receiver.answers = Array<number>(30).fill(503);
    for (let count = 0; count < 5; count++) await mint(owner);
    const isOn = async () => ((await owner.get(`/webhooks/${id}`)).body as { readonly enabled: boolean }).enabled;
    while (await isOn()) {
      await inDatabase(stack, (sql) =>
        sql(`UPDATE webhook_deliveries SET failures = 9, next_attempt_at = now() WHERE status = 'pending'`),
      );
      await sleep(200);
    }
    expect((await owner.get(`/webhooks/${id}`)).body).toMatchObject({ disabledReason: 'failing' });
    expect((await deliveries(id)).map(({ status }) => status)).toEqual(Array(5).fill('failed'));
  });

  test('to a dead endpoint holds up no other', async () => {
    const dead = await WebhookReceiver.start();
    dead.answers = Array<null>(100).fill(null);
    await add({ url: dead.url });
    const { secret } = await add();
    for (let count = 0; count < 12; count++) await mint(owner);
    const all = await receiver.first(12);
    expect(new Set(all.map((one) => verified(secret, one).data['id'])).size).toBe(12);
    expect(dead.received.length).toBeLessThanOrEqual(4);
    await dead.stop();
  });

  test('comes page by page', async () => {
    const { id } = await add();
    for (let count = 0; count < 5; count++) await owner.post(`/webhooks/${id}/test`);
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const { body } = await owner.get(`/webhooks/${id}/deliveries?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`);
      const page = body as { readonly data: readonly Delivery[]; readonly nextCursor: string | null };
      ids.push(...page.data.map((one) => one.id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(ids).toEqual((await deliveries(id)).map((one) => one.id));
    expect(ids).toHaveLength(5);
  });

  test('to a name of an address that may not be reached fails, and reaches nobody', async () => {
    const { id } = await add({ url: `http://localhost:${new URL(receiver.url).port}/` });
    await stack.restart({ MINTMARK_WEBHOOK_ALLOW_PRIVATE: '' });
    owner = await signIn(stack);
    await owner.post(`/webhooks/${id}/test`);
    const failed = await newest(id, ({ attempts }) => attempts.length === 1);
    expect(failed).toMatchObject({ status: 'pending', attempts: [{ statusCode: null, error: 'address_refused' }] });
    expect(receiver.received).toEqual([]);
    const refused = await owner.post('/webhooks', { url: receiver.url });
    expect(faultPaths(refused)).toEqual(['url']);
    await stack.restart();
    owner = await signIn(stack);
  });

  test('that a killed admin had begun is taken over when its lease ends', async () => {
    const { id, secret } = await add();
    receiver.answers = [null];
    await owner.post(`/webhooks/${id}/test`);
    await receiver.first(1);
    await stack.kill('SIGKILL');
    await stack.restart();
    owner = await signIn(stack);
    expect((await deliveries(id))[0]).toMatchObject({ status: 'pending', attempts: [] });
    await hasten();
    const [, second] = await receiver.first(2);
    if (second === undefined) throw new Error('nothing came');
    expect(verified(secret, second).type).toBe('webhook.test');
    expect(await newest(id, ({ status }) => status === 'delivered')).toMatchObject({
      attempts: [{ number: 2, statusCode: 204 }],
    });
  });

  test('that a stopped admin had begun is handed back, and sent when the next one starts', async () => {
    const { id } = await add();
    receiver.answers = [null];
    await owner.post(`/webhooks/${id}/test`);
    await receiver.first(1);
    await stack.restart();
    owner = await signIn(stack);
    await receiver.first(2);
    expect(await newest(id, ({ status }) => status === 'delivered')).toMatchObject({ attempts: [{ number: 2 }] });
  });
});

describe('the secret of a webhook', () => {
  test('that is rotated signs together with the former one for the grace period, and then alone', async () => {
    const { id, secret: former } = await add();
    const rotated = await owner.post(`/webhooks/${id}/rotate-secret`, { graceSeconds: 3_600 });
    expect([rotated.status, rotated.headers.get('cache-control')]).toEqual([201, 'no-store']);
    const { secret } = added(rotated.body);
    await owner.post(`/webhooks/${id}/test`);
    const [both] = await receiver.first(1);
    if (both === undefined) throw new Error('nothing came');
    expect(String(both.headers['webhook-signature']).split(' ')).toHaveLength(2);
    expect([former, secret].map((one) => verified(one, both).type)).toEqual(['webhook.test', 'webhook.test']);

    await inDatabase(stack, (sql) => sql('UPDATE webhooks SET former_secret_ends_at = now()'));
    await owner.post(`/webhooks/${id}/test`);
    const [, alone] = await receiver.first(2);
    if (alone === undefined) throw new Error('nothing came');
    expect(verified(secret, alone).type).toBe('webhook.test');
    expect(() => verified(former, alone)).toThrow();
  });

  test('outlives a change of the pepper', async () => {
    const { id, secret } = await add();
    const next = `p2:${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')}`;
    recordSecret('pepper', next.slice(3));
    await stack.restart({ MINTMARK_PEPPERS: `${next},${stack.peppers}` });
    owner = await signIn(stack);
    await owner.post(`/webhooks/${id}/test`);
    const [told] = await receiver.first(1);
    if (told === undefined) throw new Error('nothing came');
    expect(verified(secret, told).type).toBe('webhook.test');
  });
});
