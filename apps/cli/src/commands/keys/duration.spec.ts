import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { duration } from './duration.js';

describe('a duration', () => {
  test.each([
    ['0s', 0],
    ['90m', 5_400],
    ['12h', 43_200],
    ['30d', 2_592_000],
  ])('%s is %i seconds', (text, seconds) => {
    expect(duration(text)).toBe(seconds);
  });

  test('of seconds is what it says, and is shorter than the same number of any other unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999 }), fc.constantFrom('m', 'h', 'd'), (count, unit) => {
        expect(duration(`${count}s`)).toBe(count);
        expect(duration(`${count}${unit}`)).toBeGreaterThan(count);
      }),
    );
  });

  test('is nothing else', () => {
    const others = fc.oneof(fc.string(), fc.constantFrom('', '12', '-1h', '1.5h', '1w', '1h ', '１h', '1e3s', '9999999999s'));
    fc.assert(
      fc.property(
        others.filter((text) => !/^\d{1,9}[smhd]$/.test(text)),
        (text) => {
          expect(() => duration(text)).toThrow('A whole number with its unit');
        },
      ),
    );
  });
});
