import { describe, expect, test } from '@jest/globals';
import { neighbourhoodOf, networkOf } from './address-network.js';

describe('networkOf', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['192.0.2.7:49152', '192.0.2.7'],
    ['[2001:db8:1:2:3:4:5:6]:49152', '2001:db8:1:2::/64'],
    ['', ''],
    ['not an address', 'not an address'],
  ])('%s counts as %s', (address, network) => expect(networkOf(address)).toBe(network));
});

describe('neighbourhoodOf', () => {
  test.each([
    ['192.0.2.7', '192.0.2.0/24'],
    ['::ffff:192.0.2.255', '192.0.2.0/24'],
    ['192.0.2.7:49152', '192.0.2.0/24'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
    ['[2001:DB8:1:ffff::]:49152', '2001:db8:1::/48'],
    ['', ''],
    ['not an address', 'not an address'],
  ])('%s belongs to %s', (address, network) => expect(neighbourhoodOf(address)).toBe(network));
});
