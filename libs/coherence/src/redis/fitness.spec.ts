import { describe, expect, test } from '@jest/globals';
import { unfitness } from './fitness.js';

const GOOD = {
  redis_version: '7.0.15',
  cluster_enabled: '0',
  role: 'master',
  connected_slaves: '0',
  maxmemory: '0',
  maxmemory_policy: 'noeviction',
};

function info(fields: Partial<Record<keyof typeof GOOD | 'valkey_version', string>>): string {
  return ['# Server', ...Object.entries({ ...GOOD, ...fields }).map(([name, value]) => `${name}:${value}`), ''].join('\r\n');
}

describe('a server that may hold the log', () => {
  test.each([
    ['a Redis 7.0', {}],
    ['a Redis 8', { redis_version: '8.2.1' }],
    ['a Valkey', { redis_version: '7.2.4', valkey_version: '8.1.0' }],
    ['one that evicts nothing, since it has no limit', { maxmemory_policy: 'allkeys-lru' }],
    ['one that refuses writes when it is full', { maxmemory: '1048576' }],
  ])('is %s', (_, fields) => {
    expect(unfitness(info(fields))).toBeNull();
  });

  test.each([
    ['an old one', { redis_version: '6.2.14' }, '6.2.14'],
    ['one with replicas', { connected_slaves: '1' }, 'replicas'],
    ['a replica', { role: 'slave' }, 'replica'],
    ['a node of a cluster', { cluster_enabled: '1' }, 'cluster'],
    ['one that may evict', { maxmemory: '1048576', maxmemory_policy: 'volatile-ttl' }, 'volatile-ttl'],
  ])('is not %s', (_, fields, word) => {
    expect(unfitness(info(fields))).toContain(word);
  });

  test('is not one that tells nothing of itself', () => {
    expect(unfitness('')).not.toBeNull();
  });
});
