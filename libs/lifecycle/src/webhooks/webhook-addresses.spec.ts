import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { WebhookAddresses } from './webhook-addresses.js';

const strict = new WebhookAddresses([]);

const REFUSED_V4: readonly (readonly [string, number, number])[] = [
  ['0.0.0.0', 8, 0],
  ['10.0.0.0', 8, 0],
  ['100.64.0.0', 10, 0],
  ['127.0.0.0', 8, 0],
  ['169.254.0.0', 16, 0],
  ['172.16.0.0', 12, 0],
  ['192.0.0.0', 24, 0],
  ['192.0.2.0', 24, 0],
  ['192.88.99.0', 24, 0],
  ['192.168.0.0', 16, 0],
  ['198.18.0.0', 15, 0],
  ['198.51.100.0', 24, 0],
  ['203.0.113.0', 24, 0],
  ['224.0.0.0', 4, 0],
  ['240.0.0.0', 4, 0],
];

const numberOf = (text: string) => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
const dotted = (value: number) => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');

/** Any address of any range that must not be reached. */
const refusedV4 = fc
  .constantFrom(...REFUSED_V4)
  .chain(([start, bits]) => fc.integer({ min: 0, max: 2 ** (32 - bits) - 1 }).map((offset) => dotted(numberOf(start) + offset)));

/** The two groups of 16 bits that an IPv4 address is in an IPv6 one. */
function groups(ipv4: string): string {
  const value = numberOf(ipv4);
  return `${Math.floor(value / 65_536).toString(16)}:${(value % 65_536).toString(16)}`;
}
const anyV4 = fc.integer({ min: 0, max: 2 ** 32 - 1 }).map(dotted);

describe('a webhook does not reach', () => {
  test('any private, loopback, link-local, shared, documentation, multicast or reserved address', () => {
    fc.assert(
      fc.property(refusedV4, (address) => !strict.permits(address) && !strict.mayPermit(address)),
      { numRuns: 2_000 },
    );
  });

  test.each([
    ['mapped', (ipv4: string) => `::ffff:${ipv4}`],
    ['mapped, in hexadecimal', (ipv4: string) => `::ffff:${groups(ipv4)}`],
    ['in hexadecimal, written out', (ipv4: string) => `0:0:0:0:0:ffff:${groups(ipv4)}`],
    ['compatible (deprecated)', (ipv4: string) => `::${groups(ipv4)}`],
    ['translated (SIIT)', (ipv4: string) => `::ffff:0:${groups(ipv4)}`],
    ['NAT64', (ipv4: string) => `64:ff9b::${groups(ipv4)}`],
    ['NAT64 of a network’s own', (ipv4: string) => `64:ff9b:1::${groups(ipv4)}`],
    ['6to4', (ipv4: string) => `2002:${groups(ipv4)}::1`],
    ['Teredo', (ipv4: string) => `2001:0:${groups(ipv4)}::1`],
  ])('an IPv4 address inside of an IPv6 one: %s', (_, inside) => {
    fc.assert(fc.property(anyV4, (ipv4) => !strict.permits(inside(ipv4)) && !strict.mayPermit(`[${inside(ipv4)}]`)));
  });

  test('any IPv6 address outside of 2000::/3, nor unique local, link-local, site-local or multicast ones', () => {
    const group = fc.integer({ min: 0, max: 0xffff });
    const first = fc.oneof(group, fc.constantFrom(0xfc00, 0xfdff, 0xfe80, 0xfebf, 0xfec0, 0xff02, 0));
    fc.assert(
      fc.property(first, fc.array(group, { minLength: 7, maxLength: 7 }), (head, rest) => {
        fc.pre(head < 0x2000 || head > 0x3fff);
        return !strict.permits([head, ...rest].map((value) => value.toString(16)).join(':'));
      }),
    );
  });

  test.each([
    '::1',
    '::',
    'fe80::1%eth0',
    '2001:db8::1',
    '169.254.169.254',
    '168.63.129.16',
    'fd00:ec2::254',
    'example.com',
    '',
    '1.2.3.4.5',
  ])('%s', (address) => {
    expect(strict.permits(address)).toBe(false);
  });

  test.each([
    'http://0x7f.1/',
    'http://2130706433/',
    'http://0177.0.0.1/',
    'http://127.1/',
    'http://127.0.0.1./',
    'http://[::ffff:7f00:1]/',
    'http://①②⑦.0.0.1/',
  ])('loopback, written as %s', (url) => {
    expect(strict.mayPermit(new URL(url).hostname)).toBe(false);
  });
});

describe('a webhook reaches', () => {
  test.each(['8.8.8.8', '93.184.216.34', '172.32.0.1', '100.128.0.1', '2606:2800:220:1:248:1893:25c8:1946', '2a00:1450::1'])(
    '%s, which is public',
    (address) => {
      expect([strict.permits(address), strict.mayPermit(address)]).toEqual([true, true]);
    },
  );

  test('what is allowed though it is not public, in either spelling, and nothing beside', () => {
    const lenient = new WebhookAddresses(['10.1.0.0/16', 'fd00::/8']);
    expect(['10.1.2.3', '::ffff:10.1.2.3', 'fd12::1'].map((address) => lenient.permits(address))).toEqual([true, true, true]);
    expect(['10.2.0.1', 'fc00::1', '127.0.0.1'].map((address) => lenient.permits(address))).toEqual([false, false, false]);
  });

  test('a name, until it is resolved', () => {
    expect(strict.mayPermit('hooks.example.com')).toBe(true);
  });
});
