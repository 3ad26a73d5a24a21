import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { PepperRing } from './pepper-ring.js';
import { tokenSha256 } from './token-sha256.js';

const key = fc.uint8Array({ minLength: 32, maxLength: 64 }).map((bytes) => Buffer.from(bytes));
const pepper = fc.record({ id: fc.stringMatching(/^[a-z0-9]{1,8}$/), key });
const peppers = fc
  .uniqueArray(pepper, { minLength: 1, maxLength: 4, selector: ({ id }) => id })
  .map(([first, ...rest]) => [first ?? { id: 'x', key: Buffer.alloc(32) }, ...rest] as const);

describe('PepperRing', () => {
  test('is HMAC-SHA-256 of the SHA-256 of the token, as another implementation computes it', () => {
    const ring = new PepperRing([{ id: 'p1', key: Buffer.alloc(32, 1) }]);
    const sha256 = tokenSha256(`mm_live_${'0'.repeat(38)}1gFbYm`);
    expect(sha256.toString('hex')).toBe('a2d571f615d5fbdc8a6b232af3de0907923aa1e3f45352a841e4787c2ba2dc25');
    expect(ring.digest(sha256)).toEqual({
      pepperId: 'p1',
      digest: Buffer.from('af2871cf8ea7a21312c72e08ab540ed801a41e0ba337a7e6666022a75581da09', 'hex'),
    });
  });

  test('stores under the current pepper, and finds under every one, the current first', () => {
    fc.assert(
      fc.property(peppers, fc.string(), ([current, ...retired], token) => {
        const ring = new PepperRing([current, ...retired]);
        const sha256 = tokenSha256(token);
        const digests = ring.digests(sha256);
        expect(ring.digest(sha256)).toEqual(digests[0]);
        expect(digests.map(({ pepperId }) => pepperId)).toEqual([current, ...retired].map(({ id }) => id));
        expect(ring.ids).toEqual(digests.map(({ pepperId }) => pepperId));
        for (const one of [current, ...retired]) expect(digests).toContainEqual(new PepperRing([one]).digest(sha256));
      }),
    );
  });

  test('what was stored before a rotation is found after it', () => {
    fc.assert(
      fc.property(peppers, pepper, fc.string(), ([current, ...retired], next, token) => {
        const sha256 = tokenSha256(token);
        const stored = new PepperRing([current, ...retired]).digest(sha256);
        expect(new PepperRing([next, current, ...retired]).digests(sha256)).toContainEqual(stored);
      }),
    );
  });

  test('without the pepper a digest tells no token: another key gives another digest', () => {
    fc.assert(
      fc.property(key, key, fc.string(), (one, other, token) => {
        const digestUnder = (bytes: Buffer) => new PepperRing([{ id: 'p', key: bytes }]).digest(tokenSha256(token)).digest;
        expect(digestUnder(one).equals(digestUnder(other))).toBe(one.equals(other) || padded(one).equals(padded(other)));
        expect(digestUnder(one).equals(tokenSha256(token))).toBe(false);
      }),
    );
  });

  test('fingerprints tell two values of an id apart and are no digest of anything', () => {
    fc.assert(
      fc.property(key, key, (one, other) => {
        const of = (bytes: Buffer) => new PepperRing([{ id: 'p', key: bytes }]).fingerprints()[0]?.fingerprint ?? Buffer.alloc(0);
        expect(of(one)).toHaveLength(16);
        expect(of(one).equals(of(other))).toBe(padded(one).equals(padded(other)));
        expect(one.includes(of(one))).toBe(false);
      }),
    );
  });

  test('derived values are the same in every process, differ by purpose, and rest on the current pepper', () => {
    const [one, other] = [
      { id: 'a', key: Buffer.alloc(32, 1) },
      { id: 'b', key: Buffer.alloc(32, 2) },
    ];
    const derived = new PepperRing([one, other]).derive('a purpose');
    expect(new PepperRing([one]).derive('a purpose')).toEqual(derived);
    expect(new PepperRing([one]).derive('another')).not.toEqual(derived);
    expect(new PepperRing([other, one]).derive('a purpose')).not.toEqual(derived);
  });
});

/** HMAC fills a short key up with zeros (RFC 2104, section 2). */
function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(64 - bytes.length)]);
}
