import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AdminClient, signIn } from '../../support/admin-client.js';
import { type Stack, startStack } from '../../support/stack.js';
import { type CurlAnswer, curl } from './curl.js';

/** What the example is started with here: requests without a good token that an address may send in a minute. */
const REFUSALS = 10;
/** Who use up a plan together. */
const CALLERS = 32;
const BY_MINUTE = { name: 'minute', limit: 3, windowSeconds: 60 };
const BY_HOUR = { name: 'hour', limit: 4, windowSeconds: 3_600 };
const TOO_FAST = { message: 'Rate limit exceeded', code: 3 };

let stack: Stack;
let admin: AdminClient;

beforeAll(async () => {
  stack = await startStack({
    env: {
      MINTMARK_TRUSTED_PROXIES: '127.0.0.0/8',
      MINTMARK_EXAMPLE_REFUSALS_PER_MINUTE: String(REFUSALS),
    },
  });
  admin = await signIn(stack);
});
afterAll(() => stack.stop());

const mint = async (fields: object): Promise<string> => {
  const answer = await admin.post('/keys', { name: 'My Integration', ...fields });
  expect(answer).toMatchObject({ status: 201 });
  return (answer.body as { key: string }).key;
};

/** The headers that tell of limits; the end of a window in seconds from now. */
function toldOf({ headers }: CurlAnswer): object {
  const number = (name: string) => (headers.has(name) ? Number(headers.get(name)) : undefined);
  const reset = number('x-ratelimit-reset');
  return {
    limit: number('x-ratelimit-limit'),
    remaining: number('x-ratelimit-remaining'),
    endsInSeconds: reset === undefined ? undefined : reset - Date.now() / 1000,
    tokens: number('x-tokens-remaining'),
  };
}

const within = (seconds: number) => ({
  asymmetricMatch: (value: unknown) => typeof value === 'number' && value > 0 && value <= seconds + 1,
});

describe("The limits of Garmint's document", () => {
  const minted = (fields: object) => mint({ format: 'garmint', scopes: ['garments:read'], ...fields });
  const get = (key: string, garment = '') =>
    curl(`curl https://garmint.app/api/v1/garments${garment} \\\n  -H "Authorization: Bearer ${key}"`, {
      'https://garmint.app': stack.exampleUrl,
    });

  test('by minute and by hour bind one key: the headers tell of the one that stops it first, and whoever goes on gets a 429', async () => {
    const key = await minted({ rateLimits: [BY_HOUR, BY_MINUTE] });
    for (const remaining of [2, 1, 0]) {
      const answer = await get(key);
      expect(answer.status).toBe(200);
      expect(toldOf(answer)).toEqual({ limit: 3, remaining, endsInSeconds: within(60), tokens: undefined });
    }
    const refused = await get(key);
    const retryAfter = Number(refused.headers.get('retry-after'));
    expect(retryAfter).toEqual(within(60));
    expect(refused).toMatchObject({
      status: 429,
      body: { error: { code: 'rate_limited', message: 'Rate limit exceeded', details: { retryAfter } } },
    });
    expect(toldOf(refused)).toEqual({ limit: 3, remaining: 0, endsInSeconds: within(60), tokens: undefined });
  });

  test('by the hour, where they are spent too, are the ones to wait for', async () => {
    const key = await minted({ rateLimits: [{ ...BY_HOUR, limit: 3 }, BY_MINUTE] });
    for (let request = 0; request < 3; request++) await get(key);
    const refused = await get(key);
    expect(refused.status).toBe(429);
    expect(toldOf(refused)).toMatchObject({ limit: 3, remaining: 0, endsInSeconds: within(3_600) });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(3_000);
  });

  test('of credits are told with every answer, and what costs more than is left gets a 402 that says so and takes nothing', async () => {
    const key = await minted({ products: 'all', quota: { remaining: 7 } });
    expect(toldOf(await get(key))).toEqual({ limit: undefined, remaining: undefined, endsInSeconds: undefined, tokens: 6 });
    expect(toldOf(await get(key, '/wool-coat'))).toMatchObject({ tokens: 1 });
    const refused = await get(key, '/wool-coat');
    expect(refused).toMatchObject({
      status: 402,
      body: { error: { code: 'insufficient_tokens', details: { required: 5, available: 1 } } },
    });
    expect(toldOf(refused)).toMatchObject({ tokens: 1 });
    expect(toldOf(await get(key))).toMatchObject({ tokens: 0 });
    expect(await get(key)).toMatchObject({ status: 402, body: { error: { details: { required: 1, available: 0 } } } });
  });
});

describe("The limits of Keymint's document", () => {
  const customer = (header: string, address: string) =>
    curl(
      `curl -X GET "https://api.keymint.dev/customer" \\
  -H "Content-Type: application/json" -H "X-Forwarded-For: ${address}"${header}`,
      { 'https://api.keymint.dev': stack.exampleUrl },
    );
  const bearing = (token: string) => ` -H "Authorization: Bearer ${token}"`;
  const generate = (fields: object = {}) => mint({ format: 'keymint', scopes: ['customers:read'], ...fields });

  test.each([10, 100, 1_000])(
    'of a plan let in %i requests in a minute, and answer code 3 to what comes beyond',
    async (limit) => {
      const token = await generate({ rateLimits: [{ name: 'plan', limit, windowSeconds: 60 }] });
      const statuses: number[] = [];
      const send = async () => {
        for (;;) {
          const answer = await fetch(`${stack.exampleUrl}/customer`, { headers: { authorization: `Bearer ${token}` } });
          await answer.arrayBuffer();
          statuses.push(answer.status);
          if (answer.status !== 200) return;
        }
      };
      await Promise.all(Array.from({ length: CALLERS }, send));
      expect(statuses.filter((status) => status === 200)).toHaveLength(limit);
      expect(statuses.filter((status) => status === 429)).toHaveLength(CALLERS);
      const refused = await customer(bearing(token), '192.0.2.1');
      expect(refused).toMatchObject({ status: 429, body: TOO_FAST });
      expect(Number(refused.headers.get('retry-after'))).toEqual(within(60));
    },
  );

  test.each([
    ['an invalid', bearing('at_your_token_here'), '192.0.2.10'],
    ['an absent', '', '192.0.2.11'],
  ])('of %s token are those of the IP address', async (_, header, address) => {
    for (let request = 0; request < REFUSALS; request++) expect((await customer(header, address)).status).toBe(401);
    const refused = await customer(header, address);
    expect(refused).toMatchObject({ status: 429, body: TOO_FAST });
    expect(Number(refused.headers.get('retry-after'))).toEqual(within(60));
    expect((await customer(header, '192.0.2.12')).status).toBe(401);
  });

  test('of an IP address keep out no token that was good before', async () => {
    const token = await generate();
    expect((await customer(bearing(token), '192.0.2.20')).status).toBe(200);
    for (let request = 0; request <= REFUSALS; request++) await customer('', '192.0.2.21');
    expect((await customer('', '192.0.2.21')).status).toBe(429);
    expect((await customer(bearing(token), '192.0.2.21')).status).toBe(200);
  });
});
