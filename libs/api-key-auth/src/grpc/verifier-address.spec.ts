import { describe, expect, test } from '@jest/globals';
import { verifierAddresses } from './verifier-address.js';

const targets = (url: string | readonly string[], allowInsecure = false) =>
  verifierAddresses(url, allowInsecure).map(
    ({ target, credentials }) => `${target} ${credentials._isSecure() ? 'TLS' : 'plain'}`,
  );

describe('verifier address', () => {
  test.each([
    ['http://127.0.0.1:50051', ['127.0.0.1:50051 plain']],
    ['http://localhost:50051/', ['localhost:50051 plain']],
    ['http://[::1]:50051', ['[::1]:50051 plain']],
    ['https://verifier.example', ['verifier.example:443 TLS']],
    ['https://a.example:1, https://b.example:2', ['a.example:1 TLS', 'b.example:2 TLS']],
    [
      ['https://a.example:1', 'http://127.8.8.8:2'],
      ['a.example:1 TLS', '127.8.8.8:2 plain'],
    ],
  ])('%j is reached', (url, expected) => {
    expect(targets(url)).toEqual(expected);
  });

  test.each([
    'http://verifier:50051',
    'http://10.0.0.1:50051',
    'http://localhost.example:50051',
    'https://a.example:1,http://10.0.0.1:1',
  ])('%s would show the service key to a network, unless that is allowed', (url) => {
    expect(() => targets(url)).toThrow(/plain text.*allowInsecure/);
    expect(targets(url, true)).toContainEqual(expect.stringMatching(/plain$/));
  });

  test.each([
    '',
    [],
    '127.0.0.1:50051',
    'dns:///verifier',
    'ftp://127.0.0.1',
    'http://127.0.0.1:1/path',
    'http://user@127.0.0.1:1',
    'http://127.0.0.1:1,',
  ])('%j is refused at the start', (url) => {
    expect(() => targets(url)).toThrow(/verifierUrl/);
  });
});
