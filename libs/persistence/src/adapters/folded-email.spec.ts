import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { foldEmail, provesItsFold } from './folded-email.js';

describe('the fold of an e-mail address', () => {
  test.each([
    [' Fiona@Mint.Example ', 'fiona@mint.example'],
    ['ﬁona@mint.example', 'fiona@mint.example'],
    ['Ｆｉｏｎａ@mint.example', 'fiona@mint.example'],
    ['rene\u0301@mint.example', 'ren\u00e9@mint.example'],
  ])('of %s is %s', (email, folded) => expect(foldEmail(email)).toBe(folded));

  test('is the same of every spelling by case alone', () =>
    fc.assert(
      fc.property(fc.emailAddress(), (email) => {
        expect(foldEmail(email.toUpperCase())).toBe(foldEmail(email));
      }),
    ));
});

test('no character but those of ASCII proves one of ASCII', () => {
  const proving = Array.from({ length: 0x110000 }, (_, point) => String.fromCodePoint(point)).filter(
    (character) => /^[\x21-\x7f]+$/.test(foldEmail(character)) && provesItsFold(character),
  );
  expect(proving.join('')).toMatch(/^[\x21-\x7f]{95}$/);
});

test.each([
  ['Fiona@Mint.Example', true],
  ['rene\u0301@mint.example', true],
  ['ﬁona@mint.example', false],
  ['ſam@mint.example', false],
  ['Ｆｉｏｎａ@mint.example', false],
  ['\u212aarl@mint.example', false],
  ['\u212bsa@mint.example', false],
])('whoever has proved %s has proved its fold: %s', (email, proven) => expect(provesItsFold(email)).toBe(proven));
