import { describe, expect, test } from '@jest/globals';
import { WebhookOffice } from './webhook-office.js';
import { verified } from './webhook-receiver.js';

const office = WebhookOffice.forTests();

describe('a delivery', () => {
  test('that a killed admin had begun is taken over when its lease ends', async () => {
    const { id, secret } = await office.add();
    office.receiver.answers = [null];
    await office.owner.post(`/webhooks/${id}/test`);
    await office.receiver.first(1);
    await office.stack.kill('SIGKILL');
    await office.restart();
    expect((await office.deliveries(id))[0]).toMatchObject({ status: 'pending', attempts: [] });
    await office.hasten();
    const [, second] = await office.receiver.first(2);
    if (second === undefined) throw new Error('nothing came');
    expect(verified(secret, second).type).toBe('webhook.test');
    expect(await office.newest(id, ({ status }) => status === 'delivered')).toMatchObject({
      attempts: [{ number: 2, statusCode: 204 }],
    });
  });

  test('that a stopped admin had begun is handed back, and sent when the next one starts', async () => {
    const { id } = await office.add();
    office.receiver.answers = [null];
    await office.owner.post(`/webhooks/${id}/test`);
    await office.receiver.first(1);
    await office.restart();
    await office.receiver.first(2);
    expect(await office.newest(id, ({ status }) => status === 'delivered')).toMatchObject({ attempts: [{ number: 2 }] });
  });
});
