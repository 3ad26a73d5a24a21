import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addressInRanges } from '#libs/key-domain';
import { clientIp } from './client-ip.js';

const TRUSTED = ['10.0.0.0/8', '2001:db8::/32'];
const proxy = fc.oneof(
  fc.ipV4().map((address) => address.replace(/^\d+/, '10')),
  fc.ipV6().map(() => '2001:db8::7'),
);
const stranger = fc.oneof(fc.ipV4(), fc.ipV6()).filter((address) => !addressInRanges(address, TRUSTED));
const anything = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.ipV4(), fc.ipV6());

describe('clientIp', () => {
  test('what a stranger sends with a request has no say in his address', () => {
    fc.assert(fc.property(stranger, anything, (peer, forwarded) => expect(clientIp(peer, forwarded, TRUSTED)).toBe(peer)));
  });

  test('behind any chain of trusted proxies it is the one who spoke to the outermost, whatever he claimed', () => {
    fc.assert(
      fc.property(stranger, fc.array(anything), fc.array(proxy), proxy, (client, claims, chain, peer) => {
        expect(clientIp(peer, [...claims, client, ...chain].join(', '), TRUSTED)).toBe(client);
      }),
    );
  });

  test('it is an address or unknown, and never throws', () => {
    fc.assert(
      fc.property(fc.oneof(proxy, stranger), anything, (peer, forwarded) => {
        expect(['', peer, ...forwarded.split(',').map((part) => part.trim())]).toContain(clientIp(peer, forwarded, TRUSTED));
      }),
    );
  });

  test.each([
    ['no proxy is trusted', '10.0.0.1', '203.0.113.9', [], '10.0.0.1'],
    ['the peer is unknown', '', '203.0.113.9', TRUSTED, ''],
    ['nothing was forwarded', '10.0.0.1', '', TRUSTED, '10.0.0.1'],
    ['all are trusted', '10.0.0.1', '10.0.0.3, 10.0.0.2', TRUSTED, '10.0.0.3'],
    ['an IPv4 peer is written as IPv6', '::ffff:10.0.0.1', '203.0.113.9', TRUSTED, '203.0.113.9'],
    ['the entry is no address', '10.0.0.1', '203.0.113.9, unknown', TRUSTED, ''],
    ['the entry has a zone', '10.0.0.1', 'fe80::1%eth0', TRUSTED, ''],
  ])('where %s', (_, peer, forwarded, trusted, expected) => {
    expect(clientIp(peer, forwarded, trusted)).toBe(expected);
  });
});
