import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readCredential } from './credential.js';

const TOKEN = 'gm_live_' + '0'.repeat(64);
const token = fc.stringMatching(/^[A-Za-z0-9\-._~+/]{1,500}={0,2}$/);
const scheme = fc.constantFrom('Bearer', 'bearer', 'BEARER');

const read = (...values: string[]) =>
  readCredential(
    values[0],
    values.flatMap((value) => ['Authorization', value]),
  );

describe('credential', () => {
  test('a bearer token is read, in any case of the scheme and with any number of spaces', () => {
    fc.assert(
      fc.property(scheme, fc.integer({ min: 1, max: 5 }), token, (name, spaces, text) => {
        expect(read(name + ' '.repeat(spaces) + text)).toEqual({ token: text });
      }),
    );
  });

  test('whatever is sent, it does not throw, and what it takes for a token stood alone after the scheme', () => {
    fc.assert(
      fc.property(
        fc.option(
          fc.oneof(
            fc.string(),
            fc.string({ unit: 'binary' }),
            fc.tuple(scheme, fc.string({ unit: 'binary' })).map((parts) => parts.join(' ')),
          ),
        ),
        fc.array(fc.string()),
        (value, rawHeaders) => {
          const credential = readCredential(value ?? undefined, rawHeaders);
          if ('token' in credential)
            expect(value?.trim().split(/ +/)).toEqual([expect.stringMatching(/^bearer$/i), credential.token]);
        },
      ),
    );
  });

  test('a doubled header is never accepted, whatever the two say and however they are spelt', () => {
    const name = fc.constantFrom('authorization', 'Authorization', 'AUTHORIZATION');
    const value = fc.oneof(
      token.map((text) => `Bearer ${text}`),
      fc.string(),
    );
    fc.assert(
      fc.property(
        name,
        name,
        value,
        value,
        fc.array(fc.tuple(fc.string(), fc.string())),
        (one, other, first, second, between) => {
          const rawHeaders = [one, first, ...between.flat(), other, second];
          expect(readCredential(first, rawHeaders)).toEqual({ fault: 'BAD_HEADER' });
          expect(readCredential([first, second], [])).toEqual({ fault: 'BAD_HEADER' });
        },
      ),
    );
  });

  test('a value that looks like the name of the header does not count as a second one', () => {
    expect(readCredential(`Bearer ${TOKEN}`, ['X-Names', 'authorization', 'Authorization', `Bearer ${TOKEN}`])).toEqual({
      token: TOKEN,
    });
  });

  test('a header of more than two parts is never accepted', () => {
    fc.assert(
      fc.property(scheme, fc.array(token, { minLength: 2, maxLength: 5 }), (name, parts) => {
        expect(read([name, ...parts].join(' '))).toEqual({ fault: 'BAD_HEADER' });
      }),
    );
  });

  test.each([
    ['no header', undefined, 'NO_HEADER'],
    ['an empty header', '', 'NO_HEADER'],
    ['Basic', 'Basic dXNlcjpwYXNz', 'OTHER_SCHEME'],
    ['Digest, which has many parts', 'Digest username="a", realm="b"', 'OTHER_SCHEME'],
    ['a token without a scheme', TOKEN, 'OTHER_SCHEME'],
    ['a scheme that only begins alike', `Bearers ${TOKEN}`, 'OTHER_SCHEME'],
    ['a scheme without a token', 'Bearer', 'BAD_HEADER'],
    ['two headers folded into one', `Bearer ${TOKEN}, Bearer ${TOKEN}`, 'BAD_HEADER'],
    ['two tokens with a comma', `Bearer ${TOKEN},${TOKEN}`, 'IMPLAUSIBLE_TOKEN'],
    ['a token that is too long', `Bearer ${'a'.repeat(513)}`, 'IMPLAUSIBLE_TOKEN'],
    ['a megabyte', `Bearer ${'a'.repeat(1_048_576)}`, 'IMPLAUSIBLE_TOKEN'],
    ['a token outside ASCII', 'Bearer mm_live_é', 'IMPLAUSIBLE_TOKEN'],
    ['a token with a tab', 'Bearer mm_live\tx', 'IMPLAUSIBLE_TOKEN'],
  ])('%s is told apart', (_, value, fault) => {
    expect(readCredential(value, [])).toEqual({ fault });
  });
});
