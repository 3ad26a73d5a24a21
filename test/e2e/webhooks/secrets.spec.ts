import { describe, expect, test } from '@jest/globals';
import { recordSecret } from '../../support/evidence.js';
import { inDatabase } from '../admin/office.js';
import { added, WebhookOffice } from './webhook-office.js';
import { verified } from './webhook-receiver.js';

const office = WebhookOffice.forTests();

describe('the secret of a webhook', () => {
  test('that is rotated signs together with the former one for the grace period, and then alone', async () => {
    const { id, secret: former } = await office.add();
    const rotated = await office.owner.post(`/webhooks/${id}/rotate-secret`, { graceSeconds: 3_600 });
    expect([rotated.status, rotated.headers.get('cache-control')]).toEqual([201, 'no-store']);
    const { secret } = added(rotated.body);
    await office.owner.post(`/webhooks/${id}/test`);
    const [both] = await office.receiver.first(1);
    if (both === undefined) throw new Error('nothing came');
    expect(String(both.headers['webhook-signature']).split(' ')).toHaveLength(2);
    expect([former, secret].map((one) => verified(one, both).type)).toEqual(['webhook.test', 'webhook.test']);

    await inDatabase(office.stack, (sql) => sql('UPDATE webhooks SET former_secret_ends_at = now()'));
    await office.owner.post(`/webhooks/${id}/test`);
    const [, alone] = await office.receiver.first(2);
    if (alone === undefined) throw new Error('nothing came');
    expect(verified(secret, alone).type).toBe('webhook.test');
    expect(() => verified(former, alone)).toThrow();
  });

  test('outlives a change of the pepper', async () => {
    const { id, secret } = await office.add();
    const next = `p2:${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64')}`;
    recordSecret('pepper', next.slice(3));
    await office.restart({ MINTMARK_PEPPERS: `${next},${office.stack.peppers}` });
    await office.owner.post(`/webhooks/${id}/test`);
    const [told] = await office.receiver.first(1);
    if (told === undefined) throw new Error('nothing came');
    expect(verified(secret, told).type).toBe('webhook.test');
  });
});
