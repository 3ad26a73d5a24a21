import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createHmac } from 'node:crypto';
import { Hmac } from './hmac.js';

const bytes = (maxLength: number) => fc.uint8Array({ maxLength });

test('is HMAC-SHA-256 for any key and any message', () => {
  fc.assert(
    fc.property(bytes(200), fc.array(bytes(300), { minLength: 1, maxLength: 3 }), (key, messages) => {
      const hmac = new Hmac(key);
      for (const message of messages) {
        expect(hmac.of(message).toString('hex')).toBe(createHmac('sha256', key).update(message).digest('hex'));
      }
    }),
    { numRuns: 1000 },
  );
});

test('a key that is overwritten later is not the one it was made with', () => {
  const key = Buffer.alloc(32, 1);
  const hmac = new Hmac(key);
  key.fill(2);
  expect(hmac.of(key)).toEqual(createHmac('sha256', Buffer.alloc(32, 1)).update(key).digest());
});
