import { RateLimitedError } from '#libs/key-domain';
import { describe, expect, test } from '@jest/globals';
import { randomInt } from 'node:crypto';
import { anEmail } from './factories.js';
import type { StorageHarness } from './harness.js';

export interface LoginLimits {
  readonly byAddress: number;
  readonly byEmail: number;
  readonly byEmailAnywhere: number;
  readonly windowSeconds: number;
}

/** @param limits the adapter's own */
export function loginThrottleConformance(storage: () => StorageHarness, limits: LoginLimits): void {
  const anAddress = () => `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}`;
  /** Another address of one network at every call. */
  const aNeighbourhood = () => {
    const [network, first] = [`10.${randomInt(256)}.${randomInt(256)}`, randomInt(256)];
    let calls = 0;
    return () => `${network}.${(first + calls++) % 256}`;
  };
  const begin = (address: string, email: string) => storage().throttle.begin({ address, email });

  describe('LoginThrottle', () => {
    test('an e-mail address has so many attempts from one neighbourhood, however it is written', async () => {
      const [near, email] = [aNeighbourhood(), anEmail()];
      for (let n = 0; n < limits.byEmail; n++) await begin(near(), n % 2 === 0 ? email : ` ${email.toUpperCase()}`);
      await expect(begin(near(), email)).rejects.toThrow(RateLimitedError);
      await expect(begin(near(), anEmail())).resolves.toBeUndefined();
    });

    test('whoever guesses the password of an e-mail address, ever on, locks nobody out who signs in from elsewhere', async () => {
      const [near, email] = [aNeighbourhood(), anEmail()];
      const guesses = Array.from({ length: limits.byEmailAnywhere * 2 }, () => begin(near(), email));
      const looked = (await Promise.allSettled(guesses)).filter(({ status }) => status === 'fulfilled');
      expect(looked).toHaveLength(limits.byEmail);
      await expect(begin(anAddress(), email)).resolves.toBeUndefined();
    });

    test('all of an IPv6 site is one neighbourhood', async () => {
      const email = anEmail();
      const site = `2001:db8:${randomInt(65_536).toString(16)}`;
      for (let n = 0; n < limits.byEmail; n++) await begin(`${site}:${n.toString(16)}::1`, email);
      await expect(begin(`${site}:ffff::1`, email)).rejects.toThrow(RateLimitedError);
      await expect(begin('2001:db9::1', email)).resolves.toBeUndefined();
    });

    test('an e-mail address has so many attempts in all, from wherever they come', async () => {
      const email = anEmail();
      const from = new Set<string>();
      while (from.size <= limits.byEmailAnywhere) from.add(`10.${randomInt(256)}.${randomInt(256)}.1`);
      const [last = '', ...others] = from;
      for (const address of others) await begin(address, email);
      await expect(begin(last, email)).rejects.toThrow(RateLimitedError);
      await expect(begin(last, anEmail())).resolves.toBeUndefined();
    });

    test('a right password begins the count for its e-mail address anew where it came from, and nowhere else', async () => {
      const [near, elsewhere, email] = [aNeighbourhood(), aNeighbourhood(), anEmail()];
      for (let n = 0; n < limits.byEmail; n++) {
        await begin(near(), email);
        await begin(elsewhere(), email);
      }
      await storage().throttle.succeed({ address: near(), email: email.toUpperCase() });
      for (let n = 0; n < limits.byEmail; n++) await begin(near(), email);
      await expect(begin(near(), email)).rejects.toThrow(RateLimitedError);
      await expect(begin(elsewhere(), email)).rejects.toThrow(RateLimitedError);
    });

    test('right passwords, however many, use up nothing of their e-mail address', async () => {
      const email = anEmail();
      for (let n = 0; n < limits.byEmailAnywhere + 1; n++) {
        const address = anAddress();
        await begin(address, email);
        await storage().throttle.succeed({ address, email });
      }
    });

    test('an address has so many attempts, whomever they aim at, and right passwords don’t begin its count anew', async () => {
      const address = anAddress();
      for (let n = 0; n < limits.byAddress; n++) {
        const email = anEmail();
        await begin(address, email);
        await storage().throttle.succeed({ address, email });
      }
      await expect(begin(address, anEmail())).rejects.toThrow(RateLimitedError);
      await expect(begin(anAddress(), anEmail())).resolves.toBeUndefined();
    });

    test('an IPv4 address counts alike in either family, and an IPv6 one by its network', async () => {
      const [address, mapped] = [anAddress(), anAddress()];
      const network = `2001:db8:${randomInt(65_536).toString(16)}:1`;
      for (let n = 0; n < limits.byAddress; n++) {
        await begin(n % 2 === 0 ? mapped : `::ffff:${mapped}`, anEmail());
        await begin(`${network}::${n.toString(16)}`, anEmail());
      }
      await expect(begin(mapped, anEmail())).rejects.toThrow(RateLimitedError);
      await expect(begin(`${network}:ffff::1`, anEmail())).rejects.toThrow(RateLimitedError);
      await expect(begin(address, anEmail())).resolves.toBeUndefined();
    });

    test('an address that has spent its attempts can’t spend those of an e-mail address', async () => {
      const [address, email] = [anAddress(), anEmail()];
      for (let n = 0; n < limits.byAddress; n++) await begin(address, anEmail());
      for (let n = 0; n < limits.byEmail; n++) await expect(begin(address, email)).rejects.toThrow(RateLimitedError);
      await expect(begin(anAddress(), email)).resolves.toBeUndefined();
    });

    test('of many attempts at once no more get through than of as many in turn', async () => {
      const [near, email] = [aNeighbourhood(), anEmail()];
      const results = await Promise.allSettled(Array.from({ length: limits.byEmail * 3 }, () => begin(near(), email)));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(limits.byEmail);
    });

    test('tells how long to wait, in the same words for every count', async () => {
      const [address, near, email] = [anAddress(), aNeighbourhood(), anEmail()];
      for (let n = 0; n < limits.byAddress; n++) await begin(address, anEmail());
      for (let n = 0; n < limits.byEmail; n++) await begin(near(), email);
      const refusals = [await refusalOf(begin(address, anEmail())), await refusalOf(begin(near(), email))];
      expect(refusals[0]?.publicMessage).toBe(refusals[1]?.publicMessage);
      for (const refusal of refusals) {
        expect(refusal?.retryAfterSeconds).toBeGreaterThan(limits.windowSeconds - 60);
        expect(refusal?.retryAfterSeconds).toBeLessThanOrEqual(limits.windowSeconds);
      }
    });
  });
}

async function refusalOf(attempt: Promise<void>): Promise<RateLimitedError | null> {
  return attempt.then(
    () => null,
    (error: unknown) => (error instanceof RateLimitedError ? error : null),
  );
}
