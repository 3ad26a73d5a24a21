import { describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { adminConfig, exampleConfig, standaloneConfig, verifierConfig } from './app-configs.js';
import { parsePeppers } from './variables.js';

const pepper = randomBytes(32).toString('base64');
const stores = { MINTMARK_DATABASE_URL: 'postgresql://mintmark@127.0.0.1/mintmark', MINTMARK_PEPPERS: `p1:${pepper}` };

describe('configuration', () => {
  test('takes the documented defaults where nothing is set', () => {
    expect(standaloneConfig({})).toMatchObject({
      MINTMARK_DATA_DIR: '.mintmark',
      MINTMARK_HOST: '127.0.0.1',
      MINTMARK_ADMIN_PORT: 3000,
      MINTMARK_VERIFIER_GRPC_PORT: 50051,
      MINTMARK_VERIFIER_HTTP_PORT: 3001,
      MINTMARK_EXAMPLE_PORT: 3002,
      MINTMARK_EXAMPLE_REFUSALS_PER_MINUTE: 100,
      MINTMARK_TRUSTED_PROXIES: [],
    });
    expect(exampleConfig({ MINTMARK_SERVICE_KEY: 'x' }).MINTMARK_VERIFIER_URL).toEqual(['http://127.0.0.1:50051']);
    expect(verifierConfig(stores).MINTMARK_HOST).toBe('0.0.0.0');
  });

  test('an empty variable counts as unset', () => {
    expect(adminConfig({ ...stores, MINTMARK_ADMIN_PORT: '' }).MINTMARK_ADMIN_PORT).toBe(3000);
  });

  test.each([
    ['MINTMARK_ADMIN_PORT', '65536', '"65536"'],
    ['MINTMARK_ADMIN_PORT', '30 00', '"30 00"'],
    ['MINTMARK_EXAMPLE_REFUSALS_PER_MINUTE', '-1', '"-1"'],
    ['MINTMARK_EXAMPLE_REFUSALS_PER_MINUTE', '1000001', '"1000001"'],
    ['MINTMARK_HOST', 'example.com', '"example.com"'],
    ['MINTMARK_PUBLIC_URL', 'ftp://example.com', '"ftp://example.com"'],
    ['MINTMARK_TRUSTED_PROXIES', '10.0.0.0/8, nonsense', '"10.0.0.0/8, nonsense"'],
  ])('%s with %s is refused by name, with what it got and what it takes', (name, value, shown) => {
    const attempt = () => standaloneConfig({ [name]: value });
    expect(attempt).toThrow(`${name} is ${shown}; it takes `);
  });

  test.each([
    ['MINTMARK_DATABASE_URL', 'mysql://mintmark:hunter22@127.0.0.1/x', 'hunter22'],
    ['MINTMARK_PEPPERS', `p1:${pepper},p1:${pepper}`, pepper],
    ['MINTMARK_REDIS_URL', 'http://:hunter22@127.0.0.1', 'hunter22'],
  ])('a wrong %s is refused without showing it', (name, value, secret) => {
    const attempt = () => adminConfig({ ...stores, [name]: value });
    expect(attempt).toThrow(`${name} has a value that can't be used (not shown); it takes `);
    expect(attempt).not.toThrow(secret);
  });

  test('every missing variable is named at once', () => {
    expect(() => verifierConfig({})).toThrow(/MINTMARK_DATABASE_URL is not set[^]*MINTMARK_PEPPERS is not set/);
    expect(() => exampleConfig({})).toThrow('MINTMARK_SERVICE_KEY is not set; it takes a service key');
  });

  test('a bootstrap address without a password is refused, since nobody could sign in', () => {
    expect(() => adminConfig({ ...stores, MINTMARK_BOOTSTRAP_EMAIL: 'owner@example.com' })).toThrow('set all of them or none');
  });
});

describe('peppers', () => {
  test('are read in their order, the current one first', () => {
    const other = randomBytes(48);
    expect(parsePeppers(`p2:${other.toString('base64')}, p1:${pepper}`)).toEqual([
      { id: 'p2', key: other },
      { id: 'p1', key: Buffer.from(pepper, 'base64') },
    ]);
  });

  test.each([
    ['empty', ''],
    ['without an id', pepper],
    ['shorter than 32 bytes', `p1:${randomBytes(31).toString('base64')}`],
    ['not base64', 'p1:*'],
    ['twice the same id', `p1:${pepper},p1:${pepper}`],
    ['with a trailing comma', `p1:${pepper},`],
    ['more than seven', Array.from({ length: 8 }, (_, index) => `p${index}:${pepper}`).join(',')],
  ])('%s are refused', (_, text) => {
    expect(parsePeppers(text)).toBeNull();
  });
});
