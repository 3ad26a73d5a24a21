import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { lookupHandle } from './lookup-handle.js';

describe('a look-up handle', () => {
  test('is the same for the same digest whatever its bytes are held in, and another for another', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.nat(31), (digest, at) => {
        const within = new Uint8Array(64);
        within.set(digest, 16);
        expect(lookupHandle(within.subarray(16, 48))).toBe(lookupHandle(digest));
        expect(lookupHandle(Buffer.from(digest))).toBe(lookupHandle(digest));
        const other = Uint8Array.from(digest, (byte, index) => (index === at ? byte ^ 1 : byte));
        expect(lookupHandle(other)).not.toBe(lookupHandle(digest));
      }),
    );
  });

  test('is short, and shows nothing of the digest or of its plain hash', () => {
    const digest = createHash('sha256').update('a digest').digest();
    const handle = lookupHandle(digest);
    expect(handle).toMatch(/^[\w-]{22}$/);
    for (const bytes of [digest, createHash('sha256').update(digest).digest()]) {
      expect(bytes.toString('base64url')).not.toContain(handle.slice(0, 6));
    }
  });
});
