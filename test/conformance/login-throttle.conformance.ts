import { RateLimitedError } from '#libs/key-domain';
import { describe, expect, test } from '@jest/globals';
import { randomInt } from 'node:crypto';
import { anEmail } from './factories.js';
import type { StorageHarness } from './harness.js';

export interface LoginLimits {
  readonly byAddress: number;
  readonly byEmail: number;
  readonly windowSeconds: number;
}

/** @param limits the adapter's own */
export function loginThrottleConformance(storage: () => StorageHarness, limits: LoginLimits): void {
  const anAddress = () => `10.${randomInt(256)}.${randomInt(256)}.${randomInt(256)}`;
  const begin = (address: string, email: string) => storage().throttle.begin({ address, email });

  describe('LoginThrottle', () => {
    test('an e-mail address has so many attempts, from wherever they come and however it is written', async () => {
      const email = anEmail();
      for (let n = 0; n < limits.byEmail; n++) await begin(anAddress(), n % 2 === 0 ? email : ` ${email.toUpperCase()}`);
      await expect(begin(anAddress(), email)).rejects.toThrow(RateLimitedError);
      await expect(begin(anAddress(), anEmail())).resolves.toBeUndefined();
    });

    test('a right password begins the count for its e-mail address anew', async () => {
      const email = anEmail();
      for (let n = 0; n < limits.byEmail; n++) await begin(anAddress(), email);
      await storage().throttle.succeed({ address: anAddress(), email: email.toUpperCase() });
      for (let n = 0; n < limits.byEmail; n++) await begin(anAddress(), email);
      await expect(begin(anAddress(), email)).rejects.toThrow(RateLimitedError);
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
      const email = anEmail();
      const results = await Promise.allSettled(Array.from({ length: limits.byEmail * 3 }, () => begin(anAddress(), email)));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(limits.byEmail);
    });

    test('tells how long to wait, in the same words for either count', async () => {
      const [address, email] = [anAddress(), anEmail()];
      for (let n = 0; n < limits.byAddress; n++) await begin(address, anEmail());
      for (let n = 0; n < limits.byEmail; n++) await begin(anAddress(), email);
      const refusals = [await refusalOf(begin(address, anEmail())), await refusalOf(begin(anAddress(), email))];
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
