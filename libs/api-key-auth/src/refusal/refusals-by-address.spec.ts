import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { VirtualTime } from '../virtual-time.fixture.js';
import { type Answer, UNAVAILABLE } from './answer.js';
import { RefusalsByAddress } from './refusals-by-address.js';
import { RefusedError } from './refused-error.js';

const INVALID: Answer = { code: 'unauthorized', because: 'other', error: 'invalid_token' };
const TERMS = { limit: 3, windowSeconds: 60 };
const ADDRESSES = ['192.0.2.1', '192.0.2.2', '2001:db8::1', '2001:db8:0:1::1'];
const TOKENS = ['known', 'unknown'];

/** Null: it may be asked about. */
function refusalOf(refusals: RefusalsByAddress, address: string, token: string): Answer | null {
  try {
    refusals.assertMayAsk(address, token);
    return null;
  } catch (error) {
    if (error instanceof RefusedError) return error.answer;
    throw error;
  }
}

function after(count: number, address = '192.0.2.1') {
  const time = new VirtualTime();
  const refusals = new RefusalsByAddress(time, TERMS);
  for (let i = 0; i < count; i++) refusals.answerTo(INVALID, address);
  return { time, refusals };
}

describe('an address', () => {
  test('is refused so often in a window and no oftener, and told when that ends', async () => {
    const { time, refusals } = after(2);
    await time.pass(20_500);
    expect(refusals.answerTo(INVALID, '192.0.2.1')).toBe(INVALID);
    const limited = { code: 'rate_limited', retryAfterSeconds: 40 };
    expect(refusals.answerTo(INVALID, '::ffff:192.0.2.1')).toEqual(limited);
    expect(refusalOf(refusals, '192.0.2.1', 'unknown')).toEqual(limited);
    await time.pass(39_500);
    expect(refusalOf(refusals, '192.0.2.1', 'unknown')).toBeNull();
    expect(refusals.answerTo(INVALID, '192.0.2.1')).toBe(INVALID);
  });

  test('that was refused too often keeps out no token that was good before, until it is good no more', () => {
    const { refusals } = after(3);
    refusals.note('known', true);
    expect(refusalOf(refusals, '192.0.2.1', 'known')).toBeNull();
    refusals.note('known', false);
    expect(refusalOf(refusals, '192.0.2.1', 'known')).not.toBeNull();
  });

  test('that is unknown is never closed: anybody might stand behind it', () => {
    const { refusals } = after(100, '');
    expect(refusalOf(refusals, '', 'unknown')).toBeNull();
    expect(refusals.answerTo(INVALID, '')).toBe(INVALID);
  });

  test('is charged with nothing but tokens that are absent or not good', () => {
    const { refusals } = after(0);
    const others: Answer[] = [
      UNAVAILABLE,
      { code: 'forbidden', requiredScopes: [] },
      { code: 'insufficient_tokens', required: 1, available: 0 },
      { code: 'rate_limited', retryAfterSeconds: 1 },
    ];
    for (let i = 0; i < 10; i++) for (const answer of others) expect(refusals.answerTo(answer, '192.0.2.1')).toBe(answer);
    expect(refusalOf(refusals, '192.0.2.1', 'unknown')).toBeNull();
  });

  test('is forgotten for others where there are very many, the least recently used first', () => {
    const { refusals } = after(3);
    for (let i = 0; i < 10_000; i++) refusals.answerTo(INVALID, `10.0.${i >> 8}.${i & 255}`);
    expect(refusalOf(refusals, '192.0.2.1', 'unknown')).toBeNull();
  });
});

test('whatever comes, an address gets no more refusals in a window than the limit, and no other address is concerned', async () => {
  const step = fc.record({
    address: fc.constantFrom(...ADDRESSES),
    token: fc.constantFrom(...TOKENS),
    isGood: fc.boolean(),
    ms: fc.integer({ min: 0, max: 20_000 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const time = new VirtualTime();
      const refusals = new RefusalsByAddress(time, TERMS);
      const good = new Set<string>();
      const windows = new Map<string, { endsAt: number; count: number }>();
      for (const { address, token, isGood, ms } of steps) {
        await time.pass(ms);
        const now = time.monotonic();
        const window = windows.get(address) ?? { endsAt: 0, count: 0 };
        const isClosed = now < window.endsAt && window.count >= TERMS.limit;
        const limited = { code: 'rate_limited', retryAfterSeconds: Math.ceil((window.endsAt - now) / 1000) };
        const mayAsk = !isClosed || good.has(token);
        expect(refusalOf(refusals, address, token)).toEqual(mayAsk ? null : limited);
        if (!mayAsk) continue;
        refusals.note(token, isGood);
        if (isGood) good.add(token);
        else good.delete(token);
        if (isGood) continue;
        expect(refusals.answerTo(INVALID, address)).toEqual(isClosed ? limited : INVALID);
        if (isClosed) continue;
        const began = now < window.endsAt ? window : { endsAt: now + 60_000, count: 0 };
        windows.set(address, { ...began, count: began.count + 1 });
      }
    }),
    { numRuns: 50 },
  );
});
