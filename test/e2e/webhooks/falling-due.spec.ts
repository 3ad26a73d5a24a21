import { describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { inDatabase, mint } from '../admin/office.js';
import { WebhookOffice } from './webhook-office.js';
import { type Event, verified } from './webhook-receiver.js';

const DAY_MS = 86_400_000;

const office = WebhookOffice.forTests();

/** A key that was made so many days ago, and ends so many days from now. */
async function aged(days: { readonly ago: number; readonly left: number | null }): Promise<string> {
  const { id } = await mint(office.owner, days.left === null ? {} : { expiresAt: inDays(days.left) });
  await inDatabase(office.stack, async (sql) => {
    await sql('UPDATE keys SET created_at = now() - make_interval(days => $2) WHERE id = $1', [id, days.ago]);
    await sql('UPDATE secrets SET created_at = now() - make_interval(days => $2) WHERE key_id = $1', [id, days.ago]);
  });
  return id;
}

const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();

/** As if the wait for the next look through all keys were over. */
const dueAgain = () => inDatabase(office.stack, (sql) => sql('UPDATE notice_rounds SET next_at = now()'));

/** Waits until somebody has looked. */
async function looked(): Promise<void> {
  const waiting = `SELECT FROM notice_rounds WHERE next_at < now() + interval '1 minute'`;
  while ((await inDatabase(office.stack, (sql) => sql(waiting))).length > 0) await sleep(100);
}

async function events(secret: string, count: number): Promise<readonly Event[]> {
  return (await office.receiver.first(count)).map((one) => verified(secret, one));
}

describe('a webhook', () => {
  test('is told of a key 7 days before it expires and 1 day before, and that its secret is due for rotation', async () => {
    const id = await aged({ ago: 100, left: 6 });
    const { secret } = await office.add({ events: ['key.expiring', 'key.rotation_due'] });
    await dueAgain();
    const first = await events(secret, 2);
    const facts = { id, name: 'a key', environment: 'live', expiresAt: expect.any(String) };
    expect(first.find(({ type }) => type === 'key.expiring')?.data).toMatchObject({ ...facts, daysBefore: 7 });
    const due = { ...facts, secretCreatedAt: expect.stringMatching(/Z$/) };
    expect(first.find(({ type }) => type === 'key.rotation_due')?.data).toMatchObject(due);
    await office.owner.patch(`/keys/${id}`, { expiresAt: inDays(0.5) });
    await dueAgain();
    const [, , last] = await events(secret, 3);
    expect(last).toMatchObject({ type: 'key.expiring', data: { ...facts, daysBefore: 1 } });
  });

  test('is told once, when an admin runs again, of what fell due after the last one was killed', async () => {
    const before = await aged({ ago: 30, left: 6 });
    const { secret } = await office.add({ events: ['key.expiring'] });
    await dueAgain();
    await events(secret, 1);
    const since = await Promise.all(Array.from({ length: 5 }, () => aged({ ago: 30, left: 6 })));
    await office.stack.kill('SIGKILL');
    await dueAgain();
    await office.restart();
    const all = await events(secret, 6);
    expect(all.map(({ data }) => data['id']).sort()).toEqual([before, ...since].sort());
    await dueAgain();
    await looked();
    expect(office.receiver.received).toHaveLength(6);
  });

  test('that wants neither has nobody look', async () => {
    await aged({ ago: 100, left: 6 });
    await office.add({ events: ['key.created', 'key.revoked'] });
    await dueAgain();
    await looked();
    expect(await inDatabase(office.stack, (sql) => sql('SELECT FROM notice_rounds'))).toEqual([]);
  });
});
