import { describe, expect, test } from '@jest/globals';
import { inDatabase, mint } from '../admin/office.js';
import { WebhookOffice } from './webhook-office.js';
import { type Event, verified } from './webhook-receiver.js';

const office = WebhookOffice.forTests();

const QUOTA = { quota: { remaining: 1, refill: { amount: 1, interval: 'month' } } };
const READER = { scopes: ['garments:read'], ownerId: 'customer-7' };

/** What the example answers. */
const use = async (token: string): Promise<number> =>
  (await fetch(`${office.stack.exampleUrl}/api/v1/garments`, { headers: { authorization: `Bearer ${token}` } })).status;

async function events(secret: string, count: number): Promise<readonly Event[]> {
  return (await office.receiver.first(count)).map((one) => verified(secret, one));
}

const stored = () => inDatabase(office.stack, (sql) => sql(`SELECT FROM webhook_deliveries WHERE type = 'key.quota_exhausted'`));

describe('a webhook', () => {
  test('is told of a key that a service has used up, once until it has credits again', async () => {
    const { secret } = await office.add({ events: ['key.quota_exhausted'] });
    const { id, token } = await mint(office.owner, { ...READER, ...QUOTA });
    expect([await use(token), await use(token), await use(token)]).toEqual([200, 402, 402]);
    const [first] = await events(secret, 1);
    const quota = { remaining: 0, refillsAt: expect.stringMatching(/-01T00:00:00.000Z$/) };
    expect(first).toMatchObject({ type: 'key.quota_exhausted', data: { id, name: 'a key', ownerId: 'customer-7', quota } });
    expect(Date.parse(first?.timestamp ?? '')).toBeLessThanOrEqual(Date.now());
    expect(await use(token)).toBe(402);
    await office.owner.patch(`/keys/${id}`, { quota: { remaining: 1 } });
    expect([await use(token), await use(token)]).toEqual([200, 402]);
    const [, second] = await events(secret, 2);
    expect(second).toMatchObject({ type: 'key.quota_exhausted', data: { id, quota: { remaining: 0, refillsAt: null } } });
    expect(await stored()).toHaveLength(2);
    expect((await office.owner.get(`/audit?target=${id}`)).body).toMatchObject({
      data: [{ action: 'key.updated' }, { action: 'key.created' }],
    });
  });

  test('is told once, when an admin runs again, of what was used up before the last one was killed', async () => {
    const { secret } = await office.add({ events: ['key.quota_exhausted'] });
    const keys = await Promise.all(Array.from({ length: 5 }, () => mint(office.owner, { ...READER, ...QUOTA })));
    expect(await Promise.all(keys.map(({ token }) => use(token)))).toEqual(keys.map(() => 200));
    await mint(office.owner); // what was counted before a change is as durable as the change
    await office.stack.kill('SIGKILL');
    await office.restart();
    const told = (await events(secret, 5)).map(({ data }) => data['id']);
    expect(told.sort()).toEqual(keys.map(({ id }) => id).sort());
    expect(await stored()).toHaveLength(5);
  });
});
