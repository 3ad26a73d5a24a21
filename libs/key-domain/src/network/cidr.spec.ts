import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { BlockList, isIPv4 } from 'node:net';
import { addressInRanges, isCidr, rangesInRanges } from './cidr.js';

const byte = fc.oneof(fc.constantFrom(0, 1, 127, 128, 254, 255), fc.nat(255));
const ipv4 = fc.tuple(byte, byte, byte, byte).map((bytes) => bytes.join('.'));
const range4 = fc.tuple(ipv4, fc.nat(32));
/** fast-check's own writes every form there is: `::`, upper case, a dotted end. */
const ipv6 = fc.ipV6();
const range6 = fc.tuple(ipv6, fc.nat(128));

/** An independent judge, of one family at a time. */
function listed(address: string, range: readonly [string, number]): boolean {
  const family = (text: string) => (isIPv4(text) ? 'ipv4' : 'ipv6');
  const list = new BlockList();
  list.addSubnet(range[0], range[1], family(range[0]));
  return list.check(address, family(address));
}

/** An address whose first bits are those of the range, so that both outcomes come up often. */
function near(bits: number): fc.Arbitrary<readonly [string, readonly [string, number]]> {
  const group = bits === 32 ? 8 : 16;
  const value = fc.bigInt({ min: 0n, max: (1n << BigInt(bits)) - 1n });
  const write = (number: bigint) => {
    const groups = Array.from(
      { length: bits / group },
      (_, index) => (number >> BigInt(bits - group * (index + 1))) & ((1n << BigInt(group)) - 1n),
    );
    return bits === 32 ? groups.join('.') : groups.map((one) => one.toString(16)).join(':');
  };
  return fc
    .tuple(value, fc.nat(bits), fc.nat(bits - 1), fc.boolean())
    .map(
      ([base, length, flipped, same]) => [write(same ? base : base ^ (1n << BigInt(flipped))), [write(base), length]] as const,
    );
}

describe('cidr', () => {
  test.each([
    ['IPv4', fc.tuple(ipv4, range4)],
    ['IPv4, one bit apart', near(32)],
    ['IPv6', fc.tuple(ipv6, range6)],
    ['IPv6, one bit apart', near(128)],
  ] as const)("agrees with node's BlockList on any address and range of %s", (_, pairs) => {
    fc.assert(
      fc.property(pairs, ([address, [base, length]]) => {
        expect(isCidr(`${base}/${length}`)).toBe(true);
        expect(addressInRanges(address, [`${base}/${length}`])).toBe(listed(address, [base, length]));
      }),
      { numRuns: 2000 },
    );
  });

  test('an IPv4 address is the same written as IPv6 (RFC 4291, section 2.5.5.2), in the address and in the range', () => {
    fc.assert(
      fc.property(near(32), ([address, [base, length]]) => {
        const expected = addressInRanges(address, [`${base}/${length}`]);
        for (const [one, other] of [
          [`::ffff:${address}`, `${base}/${length}`],
          [address, `::ffff:${base}/${96 + length}`],
          [`::FFFF:${address}`, `0:0:0:0:0:ffff:${base}/${96 + length}`],
        ] as const) {
          expect(addressInRanges(one, [other])).toBe(expected);
        }
      }),
    );
  });

  test('a range without a length is the one address', () => {
    fc.assert(
      fc.property(fc.oneof(ipv4, ipv6), fc.oneof(ipv4, ipv6), (one, other) => {
        expect(addressInRanges(one, [one])).toBe(true);
        expect(addressInRanges(other, [one])).toBe(addressInRanges(one, [other]));
      }),
    );
  });

  test('an address is in a list where it is in any of its ranges', () => {
    fc.assert(
      fc.property(ipv4, fc.array(range4.map(([base, length]) => `${base}/${length}`)), (address, ranges) => {
        expect(addressInRanges(address, ranges)).toBe(ranges.some((range) => addressInRanges(address, [range])));
      }),
    );
  });

  test('a list that was frozen is asked again with the same outcome, and one that was not is read anew', () => {
    fc.assert(
      fc.property(
        fc.array(ipv4, { minLength: 1 }),
        fc.array(range4.map(([base, length]) => `${base}/${length}`)),
        (addresses, ranges) => {
          const [frozen, open] = [Object.freeze([...ranges]), [...ranges]];
          for (const address of [...addresses, ...addresses]) {
            const expected = ranges.some((range) => addressInRanges(address, [range]));
            expect([addressInRanges(address, frozen), addressInRanges(address, open)]).toEqual([expected, expected]);
          }
          open.push('0.0.0.0/0');
          expect(addresses.every((address) => addressInRanges(address, open))).toBe(true);
        },
      ),
    );
  });

  test('ranges lie in others where no address of one of them is outside, as its first and last tell', () => {
    const write = ([base, length]: readonly [string, number]) => `${base}/${length}`;
    const ends = ([base, length]: readonly [string, number]) => {
      const number = base.split('.').reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
      const size = 1n << BigInt(32 - length);
      const first = (number / size) * size;
      return [first, first + size - 1n].map((end) => [24n, 16n, 8n, 0n].map((shift) => (end >> shift) & 255n).join('.'));
    };
    const nested = near(32).chain(([base, outer]) => fc.nat(32).map((length) => [[base, length] as const, outer] as const));
    fc.assert(
      fc.property(nested, ([inner, outer]) => {
        const within = ends(inner).every((end) => addressInRanges(end, [write(outer)]));
        expect(rangesInRanges([write(inner)], [write(outer)])).toBe(within);
        expect(rangesInRanges([`::ffff:${inner[0]}/${96 + inner[1]}`], [write(outer)])).toBe(within);
        expect(rangesInRanges([write(inner), '2001:db8::/32'], [write(outer)])).toBe(false);
      }),
      { numRuns: 2000 },
    );
    expect(rangesInRanges([], ['10.0.0.0/8'])).toBe(true);
    expect(rangesInRanges(['10.0.0.0/8'], [])).toBe(false);
    expect(rangesInRanges(['nonsense'], ['0.0.0.0/0', '::/0'])).toBe(false);
  });

  test('no range holds what is no address, and what is no range holds nothing', () => {
    const everything = ['0.0.0.0/0', '::/0'];
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string({ unit: 'binary' }),
          fc.constantFrom('', 'localhost', '1.2.3', '1.2.3.4:80', '[::1]', 'fe80::1%eth0', '01.2.3.4'),
        ),
        (text) => {
          fc.pre(!isCidr(text));
          expect(addressInRanges(text, everything)).toBe(false);
          expect(addressInRanges('1.2.3.4', [text])).toBe(false);
        },
      ),
    );
  });

  test('no IPv4 address lies in a range of IPv6 addresses, save that of the mapped ones', () => {
    expect(addressInRanges('1.2.3.4', ['2000::/3'])).toBe(false);
    expect(addressInRanges('2001:db8::1', ['0.0.0.0/0'])).toBe(false);
    expect(addressInRanges('1.2.3.4', ['::ffff:0:0/96'])).toBe(true);
  });

  test.each([
    '',
    '/',
    '1.2.3.4/',
    '/8',
    '1.2.3.4/33',
    '1.2.3.4/-1',
    '1.2.3.4/08',
    '1.2.3.4/8/8',
    '1.2.3.4/8 ',
    ' 1.2.3.4',
    '::1/129',
    'fe80::1%eth0/64',
    '1.2.3/24',
    '1.2.3.4/0x8',
    '1.2.3.4/1e1',
  ])('%j is no range', (text) => {
    expect(isCidr(text)).toBe(false);
  });
});
