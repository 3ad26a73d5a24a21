import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../../support/admin-client.js';
import { enforcing, Fleet, verdict } from './fleet.js';

const LEASE_MS = 2_000;
/** A lease, its margin, and what a busy machine takes. */
const LEASE_AT_MOST_MS = 2_600;

let fleet: Fleet;

beforeAll(async () => {
  fleet = await Fleet.start();
}, 60_000);
beforeEach(() => fleet.makeWhole(), 60_000);
afterAll(() => fleet.stop());

function expectOneLease({ enforced }: { readonly enforced: { readonly ms: number } }): void {
  expect(enforced).toMatchObject({ verifiers: 3, by: 'lease' });
  expect(enforced.ms).toBeGreaterThanOrEqual(LEASE_MS);
  expect(enforced.ms).toBeLessThan(LEASE_AT_MOST_MS);
}

describe('a change is in force within a lease', () => {
  test('of a verifier that was killed, and the next one without it at once', async () => {
    const key = await fleet.mintKnown();
    await fleet.third.child.signal('SIGKILL');
    expectOneLease(await fleet.revoke(key));
    const { enforced } = await fleet.revoke(await fleet.installation.mint());
    expect(enforced).toMatchObject({ verifiers: 2, by: 'acknowledgement' });
  });

  test('of a verifier that is stopped, which answers nothing from before when it goes on', async () => {
    const key = await fleet.mintKnown();
    fleet.third.signal('SIGSTOP');
    const sentBefore = Array.from({ length: 20 }, () => verdict(fleet.third.service, key.question));
    expectOneLease(await fleet.revoke(key));
    const sentAfter = Array.from({ length: 20 }, () => verdict(fleet.third.service, key.question));
    await sleep(200);
    fleet.third.signal('SIGCONT');
    expect(new Set(await Promise.all([...sentAfter, ...sentBefore]))).toEqual(new Set(['REVOKED']));
    await fleet.untilEnforcedBy(3);
  });

  test('of a verifier that is stopped again and again for less than a lease, and no answer is from before', async () => {
    for (let time = 0; time < 5; time += 1) {
      const key = await fleet.mintKnown();
      fleet.third.signal('SIGSTOP');
      const revoking = fleet.revoke(key);
      await sleep(300 * time);
      fleet.third.signal('SIGCONT');
      expect((await revoking).enforced).toMatchObject({ verifiers: 3, by: 'acknowledgement' });
      expect(await verdict(fleet.third.service, key.question)).toBe('REVOKED');
    }
  });

  test.each(['cut', 'stall'] as const)(
    'of a verifier that can not reach Postgres (%s): it answers from memory that long, then not at all, and rightly again later',
    async (how) => {
      const key = await fleet.mintKnown();
      let returned = false;
      let over = false;
      const [meanwhile, after]: [string[], string[]] = [[], []];
      const began = performance.now();
      let lastValid = 0;
      fleet.proxy[how]();
      const ask = async () => {
        while (!over) {
          const told = returned ? after : meanwhile;
          const code = await verdict(fleet.third.service, key.question);
          told.push(code);
          if (code === 'VALID') lastValid = performance.now();
          await sleep(5);
        }
      };
      const asking = ask();
      await sleep(300);
      expectOneLease(await fleet.revoke(key));
      returned = true;
      after.push(await verdict(fleet.third.service, key.question));
      over = true;
      await asking;
      fleet.proxy.restore();
      expect(meanwhile[0]).toBe('VALID');
      expect(lastValid - began).toBeLessThan(LEASE_MS);
      expect(meanwhile.filter((code) => code !== 'VALID' && code !== 'UNAVAILABLE')).toEqual([]);
      expect(new Set(after)).toEqual(new Set(['UNAVAILABLE']));
      await fleet.untilEnforcedBy(3);
      expect(await verdict(fleet.third.service, key.question)).toBe('REVOKED');
    },
    40_000,
  );
});

test('a verifier that is told to end says goodbye: the next change waits for nobody', async () => {
  await fleet.third.child.signal('SIGTERM');
  const { enforced } = await fleet.revoke(await fleet.installation.mint());
  expect(enforced).toMatchObject({ verifiers: 2, by: 'acknowledgement' });
});

test('a verifier ends in time and cleanly while Postgres says nothing', async () => {
  fleet.proxy.stall();
  expect(await fleet.third.child.signal('SIGTERM')).toMatchObject({ code: 0 });
});

test('a repeated deletion answers that there is no such key only once the first is in force', async () => {
  const key = await fleet.mintKnown();
  fleet.third.signal('SIGSTOP');
  const began = performance.now();
  const remove = (): Promise<Answer> => fleet.installation.admin.delete(`/keys/${key.id}?permanent=true`);
  const first = remove();
  await sleep(300);
  const second = remove();
  const [one, other] = await Promise.all([first, second]);
  expectOneLease(enforcing(one));
  expect(other.status).toBe(404);
  expect(performance.now() - began).toBeGreaterThan(LEASE_MS);
  fleet.third.signal('SIGCONT');
  expect(await verdict(fleet.third.service, key.question)).toBe('NOT_FOUND');
});
