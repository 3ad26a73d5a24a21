import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addressInRanges } from './cidr.js';
import { subscriberOf } from './subscriber.js';

describe('an address stands for', () => {
  test.each([
    ['192.0.2.7', '::ffff:192.0.2.7'],
    ['192.0.2.7', '::ffff:c000:207'],
    ['2001:db8:1:2::1', '2001:DB8:1:2:3:4:5:6'],
    ['fe80::1%eth0', 'fe80::2%eth1'],
  ])('the same subscriber: %s and %s', (one, other) => {
    expect(subscriberOf(one)).not.toBeNull();
    expect(subscriberOf(one)).toBe(subscriberOf(other));
  });

  test.each([
    ['192.0.2.7', '192.0.2.8'],
    ['2001:db8:1:2::1', '2001:db8:1:3::1'],
    ['::1', '0.0.0.1'],
    ['::192.0.2.7', '192.0.2.7'],
  ])('another one: %s and %s', (one, other) => expect(subscriberOf(one)).not.toBe(subscriberOf(other)));

  test.each(['', 'unknown', '192.0.2.7:80', '192.0.2', '%eth0'])('nobody, where it is none: %p', (text) => {
    expect(subscriberOf(text)).toBeNull();
  });

  test('all of its /64 and nobody beside, in IPv6', () => {
    fc.assert(
      fc.property(fc.ipV6(), fc.ipV6(), (one, other) => {
        fc.pre(!addressInRanges(one, ['::ffff:0:0/96']) && !addressInRanges(other, ['::ffff:0:0/96']));
        expect(subscriberOf(one) === subscriberOf(other)).toBe(addressInRanges(other, [`${one}/64`]));
      }),
    );
  });
});
