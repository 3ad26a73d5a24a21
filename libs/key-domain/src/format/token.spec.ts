import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { checksum } from './body.js';
import { BODY_ENCODINGS, type KeyFormat } from './key-format.js';
import { isPlausibleToken, isWellFormed, mintToken, parseToken } from './token.js';

const SAME: KeyFormat = { name: 'same', prefix: 'mm', environments: ['live'], encoding: 'base62' };
const word = fc.stringMatching(/^[a-z][a-z0-9]{0,15}$/);
const format: fc.Arbitrary<KeyFormat> = fc.record({
  name: word,
  prefix: word,
  environments: fc.uniqueArray(word, { maxLength: 3 }),
  encoding: fc.constantFrom(...BODY_ENCODINGS),
});
const formatWithEnvironment = format.chain((one) =>
  fc.tuple(fc.constant(one), one.environments.length === 0 ? fc.constant(null) : fc.constantFrom(...one.environments)),
);
const anyCharacter = fc.oneof(
  fc.string({ minLength: 1, maxLength: 1 }),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);

describe('token', () => {
  test.each([
    ['mm_live_' + '0'.repeat(38), 'base62', '1gFbYm'],
    ['gm_live_' + '0'.repeat(56), 'hex64', 'e3cd6bf4'],
    ['zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ', 'base62', '0mLq17'],
  ] as const)('the checksum of %s in %s is the published %s', (text, encoding, expected) => {
    expect(checksum(text, encoding)).toBe(expected);
  });

  test('every minted token parses as what it was minted as', () => {
    fc.assert(
      fc.property(formatWithEnvironment, ([one, environment]) => {
        const token = mintToken(one, environment);
        expect(isPlausibleToken(token)).toBe(true);
        expect(parseToken(token, [one])).toEqual({ format: one, environment });
      }),
    );
  });

  test('any one changed character of a minted token is malformed in an account without imports', () => {
    fc.assert(
      fc.property(
        formatWithEnvironment,
        fc.nat(),
        anyCharacter,
        fc.array(format, { maxLength: 2 }),
        ([one, environment], at, changed, others) => {
          const token = mintToken(one, environment);
          const index = at % token.length;
          fc.pre(token[index] !== changed);
          const altered = token.slice(0, index) + changed + token.slice(index + 1);
          expect(isWellFormed(altered, { formats: [one, ...others], holdsImported: false })).toBe(false);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('in an account with imports, what has the form of a bearer token is looked up', () => {
    expect(isWellFormed('gm_live_' + 'a1'.repeat(32), { formats: [], holdsImported: true })).toBe(true);
  });

  test.each([
    ['empty', ''],
    ['too long', 'a'.repeat(513)],
    ['with a space', 'mm_live_ x'],
    ['with a line break', 'mm_live_x\n'],
    ['not ASCII', 'mm_live_é'],
  ])('a text that is %s is no token of anybody', (_, text) => {
    expect(isWellFormed(text, { formats: [], holdsImported: true })).toBe(false);
  });

  test('parsing never throws, whatever it is given', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.array(format), (text, formats) => void parseToken(text, formats)));
  });

  test('of several formats with the same beginning, the first one that fits is the token’s', () => {
    const [first, second] = (['first', 'second'] as const).map((name): KeyFormat => ({ ...SAME, name })) as [
      KeyFormat,
      KeyFormat,
    ];
    const other: KeyFormat = { ...SAME, name: 'other', encoding: 'hex64' };
    expect(parseToken(mintToken(first, 'live'), [other, first, second])?.format).toBe(first);
    expect(parseToken(mintToken(other, 'live'), [first, second, other])?.format).toBe(other);
  });

  test('a text is held against thousands of beginnings as quickly as against one', () => {
    const environments = Array.from({ length: 16 }, (_, number) => `e${number}`);
    const formats = Array.from({ length: 1_000 }, (_, number): KeyFormat => ({ ...SAME, prefix: `p${number}`, environments }));
    const text = mintToken(SAME, 'live');
    const spent = (those: readonly KeyFormat[]) => {
      const began = performance.now();
      for (let times = 0; times < 1_000; times += 1) parseToken(text, those);
      return performance.now() - began;
    };
    const one = [{ ...SAME, prefix: 'other' }];
    for (const those of [one, formats]) spent(those);
    expect(spent(formats)).toBeLessThan(20 * spent(one) + 5);
  });

  test('the characters of minted bodies are evenly distributed', () => {
    const one: KeyFormat = { name: 'x', prefix: 'x', environments: [], encoding: 'base62' };
    const counts = new Map<string, number>();
    for (let i = 0; i < 2000; i++) {
      for (const character of mintToken(one, null).slice(2, 40)) counts.set(character, (counts.get(character) ?? 0) + 1);
    }
    const expected = (2000 * 38) / 62;
    const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(counts.size).toBe(62);
    expect(chiSquared).toBeLessThan(140);
  });
});
