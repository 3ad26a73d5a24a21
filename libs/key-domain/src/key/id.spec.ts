import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { idsAtOnce, newId } from './id.js';

describe('newId', () => {
  test('cannot be guessed from an earlier one of another millisecond', () => {
    const start = Date.now() + 1_000_000; // the later tests move the process' last time on
    const randoms = Array.from({ length: 50 }, (_, index) => newId('key', start + index).slice(14));
    expect(new Set(randoms.map((random) => random.slice(0, 8))).size).toBe(50);
  });

  test('is the kind, an underscore and 26 characters of Crockford base32 in lower case', () => {
    for (const kind of ['key', 'sec', 'acc', 'usr', 'prod'] as const) {
      expect(newId(kind)).toMatch(new RegExp(`^${kind}_[0-9a-hjkmnp-tv-z]{26}$`));
    }
  });

  test('ascends in the order made, whatever the clock does, and never repeats', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 48 - 1 }), { minLength: 2, maxLength: 50 }), (clock) => {
        const ids = clock.map((now) => newId('key', now));
        expect([...new Set(ids)].sort()).toEqual(ids);
      }),
    );
  });

  test('more than there are numbers to count by within a millisecond ascend too', () => {
    const now = Date.now() + 2_000_000;
    let last = newId('key', now);
    for (let made = 0; made < 1_100_000; made += 1) {
      const id = newId('key', now);
      if (id <= last) throw new Error(`${id} after ${last}`);
      last = id;
    }
  });
});

describe('idsAtOnce', () => {
  test('lacks the six hexadecimal digits that make each of them an id, of the age of others', () => {
    const now = Date.now();
    const id = `${idsAtOnce('msg', now)}00002a`;
    expect(id).toMatch(/^msg_[0-9a-hjkmnp-tv-z]{26}$/);
    const digits = Array.from({ length: 10 }, (_, place) => '0123456789abcdefghjkmnpqrstvwxyz'.indexOf(id.charAt(4 + place)));
    expect(digits.reduce((ms, digit) => ms * 32 + digit, 0)).toBe(now);
  });

  test('is another each time, within a millisecond too', () => {
    const now = Date.now();
    expect(new Set(Array.from({ length: 1_000 }, () => idsAtOnce('msg', now))).size).toBe(1_000);
  });
});
