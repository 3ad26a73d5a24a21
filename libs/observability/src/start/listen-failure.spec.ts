import { describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { listenFailure, surfaceUrl } from './listen-failure.js';
import { StartError } from './start-error.js';

/** A real failure to listen. */
async function failToListen(host: string, port: number): Promise<unknown> {
  const server = createServer().listen(port, host);
  const [error] = (await once(server, 'error')) as [unknown];
  return listenFailure(error, { host, port, variable: 'MINTMARK_ADMIN_PORT' });
}

describe('listenFailure', () => {
  test('a taken port is named, with the variable that sets another', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const failure = await failToListen('127.0.0.1', port);
    other.close();
    expect(failure).toBeInstanceOf(StartError);
    expect(String(failure)).toMatch(new RegExp(`port ${port} is taken.*MINTMARK_ADMIN_PORT`));
  });

  test('an address that the machine lacks is named', async () => {
    const failure = await failToListen('192.0.2.1', 0);
    expect(failure).toBeInstanceOf(StartError);
    expect(String(failure)).toMatch(/192\.0\.2\.1.*MINTMARK_HOST/);
  });

  test('anything else is left as it is', () => {
    const error = new Error('else');
    expect(listenFailure(error, { host: '127.0.0.1', port: 1, variable: 'X' })).toBe(error);
  });
});

test.each([
  ['127.0.0.1', 'http://127.0.0.1:3000'],
  ['0.0.0.0', 'http://127.0.0.1:3000'],
  ['::', 'http://127.0.0.1:3000'],
  ['10.1.2.3', 'http://10.1.2.3:3000'],
  ['2001:db8::1', 'http://[2001:db8::1]:3000'],
])('what listens on %s is reached at %s', (host, url) => {
  expect(surfaceUrl(host, 3000)).toBe(url);
});
