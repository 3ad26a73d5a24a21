import { describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode, faultPaths, inDatabase, mint } from '../admin/office.js';
import { type Delivery, WebhookOffice } from './webhook-office.js';
import { verified, WebhookReceiver } from './webhook-receiver.js';

const office = WebhookOffice.forTests();

describe('a delivery', () => {
  test('that fails is attempted again after 5 s and then 5 min, under the same id, until it arrives', async () => {
    const { id, secret } = await office.add();
    office.receiver.answers = [500, 404];
    await mint(office.owner);
    const first = await office.newest(id, ({ attempts }) => attempts.length === 1);
    const within = (delivery: Delivery) => (Date.parse(delivery.nextAttemptAt ?? '') - Date.now()) / 1_000;
    expect(first).toMatchObject({ status: 'pending', attempts: [{ number: 1, statusCode: 500, error: null }] });
    expect(within(first)).toBeLessThan(6);
    await office.hasten();
    const second = await office.newest(id, ({ attempts }) => attempts.length === 2);
    expect(within(second)).toBeGreaterThan(280);
    expect(within(second)).toBeLessThan(331);
    await office.hasten();
    const last = await office.newest(id, ({ status }) => status === 'delivered');
    expect(last.attempts.map(({ statusCode }) => statusCode)).toEqual([500, 404, 204]);
    expect(last.nextAttemptAt).toBeNull();
    const all = await office.receiver.first(3);
    expect(all.map((one) => verified(secret, one).type)).toEqual(['key.created', 'key.created', 'key.created']);
    expect(new Set(all.map(({ headers }) => headers['webhook-id']))).toEqual(new Set([last.id]));
  });

  test('is given up when the schedule ends, and can be sent again by hand', async () => {
    const { id, secret } = await office.add();
    office.receiver.answers = [500, 500];
    await mint(office.owner);
    await office.newest(id, ({ attempts }) => attempts.length === 1);
    await inDatabase(office.stack, (sql) => sql('UPDATE webhook_deliveries SET failures = 9, next_attempt_at = now()'));
    const givenUp = await office.newest(id, ({ status }) => status === 'failed');
    expect(givenUp).toMatchObject({ nextAttemptAt: null });
    const again = await office.owner.post(`/webhooks/${id}/deliveries/${givenUp.id}/redeliver`);
    expect([again.status, again.body]).toMatchObject([200, { id: givenUp.id, status: 'pending' }]);
    expect(await office.newest(id, ({ status }) => status === 'delivered')).toMatchObject({ id: givenUp.id });
    const [, , last] = await office.receiver.first(3);
    if (last === undefined) throw new Error('nothing came');
    expect(verified(secret, last).type).toBe('key.created');
    const unknown = await office.owner.post(`/webhooks/${id}/deliveries/msg_0/redeliver`);
    expect(errorCode(unknown)).toBe('not_found');
  });

  test('to whoever answers 410 is the last one: the webhook is switched off, which is put down', async () => {
    const { id } = await office.add();
    office.receiver.answers = [410];
    await mint(office.owner);
    await office.newest(id, ({ status }) => status === 'failed');
    expect((await office.owner.get(`/webhooks/${id}`)).body).toMatchObject({ enabled: false, disabledReason: 'gone' });
    const { data } = (await office.owner.get(`/audit?target=${id}&limit=1`)).body as { data: object[] };
    expect(data).toMatchObject([
      { action: 'webhook.updated', actor: { type: 'system', id: 'webhooks' }, after: { enabled: false } },
    ]);
    const on = await office.owner.patch(`/webhooks/${id}`, { enabled: true });
    expect(on.body).toMatchObject({ enabled: true, disabledReason: null });
  });

  test('that is the fifth to be given up switches the webhook off', async () => {
    const { id } = await office.add({ events: ['key.created'] });
    office.receiver.answers = Array<number>(30).fill(503);
    for (let count = 0; count < 5; count++) await mint(office.owner);
    const isOn = async () => ((await office.owner.get(`/webhooks/${id}`)).body as { readonly enabled: boolean }).enabled;
    while (await isOn()) {
      await inDatabase(office.stack, (sql) =>
        sql(`UPDATE webhook_deliveries SET failures = 9, next_attempt_at = now() WHERE status = 'pending'`),
      );
      await sleep(200);
    }
    expect((await office.owner.get(`/webhooks/${id}`)).body).toMatchObject({ disabledReason: 'failing' });
    expect((await office.deliveries(id)).map(({ status }) => status)).toEqual(Array(5).fill('failed'));
  });

  test('to a dead endpoint holds up no other', async () => {
    const dead = await WebhookReceiver.start();
    dead.answers = Array<null>(100).fill(null);
    await office.add({ url: dead.url });
    const { secret } = await office.add();
    for (let count = 0; count < 12; count++) await mint(office.owner);
    const all = await office.receiver.first(12);
    expect(new Set(all.map((one) => verified(secret, one).data['id'])).size).toBe(12);
    expect(dead.received.length).toBeLessThanOrEqual(4);
    await dead.stop();
  });

  test('comes page by page', async () => {
    const { id } = await office.add();
    for (let count = 0; count < 5; count++) await office.owner.post(`/webhooks/${id}/test`);
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const { body } = await office.owner.get(`/webhooks/${id}/deliveries?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`);
      const page = body as { readonly data: readonly Delivery[]; readonly nextCursor: string | null };
      ids.push(...page.data.map((one) => one.id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(ids).toEqual((await office.deliveries(id)).map((one) => one.id));
    expect(ids).toHaveLength(5);
  });

  test('to a name of an address that may not be reached fails, and reaches nobody', async () => {
    const { id } = await office.add({ url: `http://localhost:${new URL(office.receiver.url).port}/` });
    await office.restart({ MINTMARK_WEBHOOK_ALLOW_PRIVATE: '' });
    await office.owner.post(`/webhooks/${id}/test`);
    const failed = await office.newest(id, ({ attempts }) => attempts.length === 1);
    expect(failed).toMatchObject({ status: 'pending', attempts: [{ statusCode: null, error: 'address_refused' }] });
    expect(office.receiver.received).toEqual([]);
    const refused = await office.owner.post('/webhooks', { url: office.receiver.url });
    expect(faultPaths(refused)).toEqual(['url']);
    await office.restart();
  });
});
