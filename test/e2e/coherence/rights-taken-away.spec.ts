import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../../support/admin-client.js';
import { enforcing, Fleet, verdict } from './fleet.js';

const TIMES = 15;

let fleet: Fleet;

beforeAll(async () => {
  fleet = await Fleet.start();
  await fleet.untilEnforcedBy(3);
}, 60_000);
afterAll(() => fleet.stop());

type Change = (id: string) => Promise<Answer>;

const CHANGES: readonly (readonly [string, Change, string])[] = [
  ['revoked', (id) => fleet.installation.admin.post(`/keys/${id}/revoke`, { reason: 'key_compromise' }), 'REVOKED'],
  ['revoked by DELETE', (id) => fleet.installation.admin.delete(`/keys/${id}`), 'REVOKED'],
  ['disabled', (id) => fleet.installation.admin.patch(`/keys/${id}`, { enabled: false }), 'DISABLED'],
  ['narrowed', (id) => fleet.installation.admin.patch(`/keys/${id}`, { scopes: ['garments:write'] }), 'INSUFFICIENT_SCOPE'],
  ['deleted', (id) => fleet.installation.admin.delete(`/keys/${id}?permanent=true`), 'NOT_FOUND'],
];

/** Verifies without a pause at every verifier while a key is changed; what it was told, by when it asked. */
async function changeUnderLoad(change: Change) {
  const key = await fleet.mintKnown({ scopes: ['garments:read'] });
  const question = { ...key.question, requiredScopes: ['garments:read'] };
  const [before, after]: [string[], string[]] = [[], []];
  let isBack = false;
  let isOver = false;
  const load = fleet.services.map(async (service) => {
    while (!isOver) {
      const told = isBack ? after : before;
      told.push(await verdict(service, question));
    }
  });
  await sleep(5);
  const { enforced } = enforcing(await change(key.id));
  isBack = true;
  const sentAfter = await Promise.all(fleet.services.map((service) => verdict(service, question)));
  isOver = true;
  await Promise.all(load);
  return { enforced, before, after: [...sentAfter, ...after] };
}

describe('no verifier accepts a key for what it may no longer do, from when the call returns', () => {
  test.each(CHANGES)(
    'a key that is %s, time after time, under verifications without a pause at three verifiers',
    async (_, change, refused) => {
      for (let time = 0; time < TIMES; time += 1) {
        const { enforced, before, after } = await changeUnderLoad(change);
        expect(enforced).toEqual({ verifiers: 3, ms: expect.any(Number), by: 'acknowledgement' });
        expect(enforced.ms).toBeLessThan(1_000);
        expect(before[0]).toBe('VALID');
        expect(before.filter((code) => code !== 'VALID' && code !== refused)).toEqual([]);
        expect(new Set(after)).toEqual(new Set([refused]));
      }
    },
    60_000,
  );

  test('a key whose expiry is earlier now, from that moment on', async () => {
    const key = await fleet.mintKnown({ expiresInDays: 30 });
    const expiresAt = Date.now() + 1_500;
    const { enforced } = enforcing(
      await fleet.installation.admin.patch(`/keys/${key.id}`, { expiresAt: new Date(expiresAt).toISOString() }),
    );
    expect(enforced).toMatchObject({ verifiers: 3, by: 'acknowledgement' });
    const ask = () => Promise.all(fleet.services.map((service) => verdict(service, key.question)));
    expect(await ask()).toEqual(['VALID', 'VALID', 'VALID']);
    await sleep(expiresAt - Date.now() + 1);
    expect(await ask()).toEqual(['EXPIRED', 'EXPIRED', 'EXPIRED']);
  });

  test('a key that was enabled again is accepted by every verifier', async () => {
    const key = await fleet.mintKnown();
    const { admin } = fleet.installation;
    for (const [enabled, code] of [
      [false, 'DISABLED'],
      [true, 'VALID'],
    ] as const) {
      enforcing(await admin.patch(`/keys/${key.id}`, { enabled }));
      expect(await Promise.all(fleet.services.map((service) => verdict(service, key.question)))).toEqual([code, code, code]);
    }
  });

  test('many keys at once', async () => {
    const keys = await Promise.all(Array.from({ length: 60 }, () => fleet.mintKnown()));
    const changes = await Promise.all(
      keys.map(async (key) => {
        const { enforced } = await fleet.revoke(key);
        return { enforced, codes: await Promise.all(fleet.services.map((service) => verdict(service, key.question))) };
      }),
    );
    expect(new Set(changes.map(({ enforced: { verifiers, by } }) => `${verifiers} ${by}`))).toEqual(
      new Set(['3 acknowledgement']),
    );
    expect(new Set(changes.flatMap(({ codes }) => codes))).toEqual(new Set(['REVOKED']));
  }, 60_000);
});

describe('what an operator sees of a change', () => {
  test('the time it took, in a metric and a line of the log, which hold nothing of the token', async () => {
    const key = await fleet.mintKnown();
    await fleet.revoke(key);
    const metrics = await (await fetch(`${fleet.installation.stack.adminUrl}/metrics`)).text();
    const [, count] =
      /^mintmark_enforcement_duration_seconds_count\{[^}]*by="acknowledgement"[^}]*\} (\d+)$/m.exec(metrics) ?? [];
    expect(Number(count)).toBeGreaterThan(0);
    expect(metrics).toMatch(/^mintmark_enforcements_unconfirmed_total\S* 0$/m);
    const line = fleet.installation.stack.logs().find((one) => one.includes('a change is in force') && one.includes(key.id));
    expect(JSON.parse(line ?? '{}')).toMatchObject({
      keyId: key.id,
      verifiers: 3,
      by: 'acknowledgement',
      ms: expect.any(Number),
    });
    expect(line).not.toContain(key.token);
  });
});
