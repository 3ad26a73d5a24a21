import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { generateKeyPairSync } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { UnavailableError } from '#libs/key-domain';
import { GithubKeys } from './github-keys.js';

const pemOf = (curve: string) =>
  generateKeyPairSync('ec', { namedCurve: curve }).publicKey.export({ type: 'spki', format: 'pem' }).toString();
const listOf = (keys: Record<string, string>) =>
  JSON.stringify({
    public_keys: Object.entries(keys).map(([key_identifier, key]) => ({ key_identifier, key, is_current: true })),
  });

describe('the keys of GitHub', () => {
  let server: Server;
  let answer: { status: number; body: string };
  let asked: number;
  let now: number;
  let keys: GithubKeys;

  beforeEach(async () => {
    [asked, now] = [0, 0];
    answer = { status: 200, body: listOf({ one: pemOf('prime256v1') }) };
    server = createServer((_request, response) => {
      asked += 1;
      response.writeHead(answer.status).end(answer.body);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
    keys = new GithubKeys(url, { monotonic: () => now, wall: () => now }, { warn: () => undefined });
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  test('are fetched once for many questions', async () => {
    const found = await Promise.all(Array.from({ length: 20 }, () => keys.find('one')));
    expect(found.every((key) => key?.asymmetricKeyType === 'ec')).toBe(true);
    await keys.find('one');
    expect(asked).toBe(1);
  });

  test('are fetched again for one that is not known, once a minute at most', async () => {
    await keys.find('one');
    answer = { status: 200, body: listOf({ one: pemOf('prime256v1'), two: pemOf('prime256v1') }) };
    expect(await keys.find('two')).toBeNull();
    for (let n = 0; n < 50; n++) expect(await keys.find(`made-up-${n}`)).toBeNull();
    expect(asked).toBe(1);
    now = 60_000;
    expect(await keys.find('two')).not.toBeNull();
    expect(asked).toBe(2);
  });

  test('that were withdrawn are forgotten within an hour', async () => {
    await keys.find('one');
    answer = { status: 200, body: listOf({ two: pemOf('prime256v1') }) };
    now = 3_600_001;
    expect(await keys.find('one')).toBeNull();
  });

  test.each([
    ['an error', { status: 500, body: '' }],
    ['no JSON', { status: 200, body: '<html>' }],
    ['something else', { status: 200, body: '{"keys": []}' }],
    ['a redirection', { status: 302, body: '' }],
  ])('stay as they were where the answer is %s', async (_, broken) => {
    await keys.find('one');
    answer = broken;
    now = 4_000_000;
    expect(await keys.find('one')).not.toBeNull();
    expect(await keys.find('two')).toBeNull();
  });

  test('cannot be asked about while none could ever be fetched, and that is found out once a minute at most', async () => {
    answer = { status: 503, body: '' };
    for (let n = 0; n < 5; n++) await expect(keys.find('one')).rejects.toThrow(UnavailableError);
    expect(asked).toBe(1);
    server.closeAllConnections();
    server.close();
    now = 60_000;
    await expect(keys.find('one')).rejects.toThrow(UnavailableError);
  });

  test.each([
    ['another curve', () => pemOf('secp384r1')],
    ['another kind', () => generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString()],
    ['no key at all', () => 'nonsense'],
  ])('of %s are left out', async (_, pem) => {
    answer = { status: 200, body: listOf({ one: pem(), two: pemOf('prime256v1') }) };
    expect([await keys.find('one'), (await keys.find('two'))?.type]).toEqual([null, 'public']);
  });
});
