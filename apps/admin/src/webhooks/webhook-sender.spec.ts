import { afterEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebhookAddresses } from '#libs/lifecycle';
import { type SenderOptions, WebhookSender } from './webhook-sender.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** @returns its port */
async function listening(server: Server, host = '127.0.0.1', port = 0): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  return (server.address() as AddressInfo).port;
}
const receiver = (answer: RequestListener, host?: string, port?: number) => listening(createServer(answer), host, port);

const NEVER = new AbortController().signal;
const senderTo = (allowed: string[], options: SenderOptions = {}) => new WebhookSender(new WebhookAddresses(allowed), options);
const post = (sender: WebhookSender, url: string, stop = NEVER) =>
  sender.send({ url, headers: { 'x-told': 'yes' }, body: '{"ä":1}' }, stop);
const resolvingTo =
  (...answers: string[][]) =>
  () =>
    Promise.resolve(
      (answers.length > 1 ? (answers.shift() ?? []) : (answers[0] ?? [])).map((address) => ({ address, family: 4 })),
    );

describe('a request', () => {
  test('is a POST with the body and headers as they were signed', async () => {
    let seen: unknown;
    const port = await receiver((request, response) => {
      void request.toArray().then((parts: Buffer[]) => {
        seen = [request.method, request.url, request.headers['x-told'], Buffer.concat(parts).toString()];
        response.end('thanks');
      });
    });
    const answer = await post(senderTo(['127.0.0.0/8']), `http://127.0.0.1:${port}/in?x=1`);
    expect(answer).toMatchObject({ statusCode: 200, error: null, response: 'thanks', retryAfterSeconds: null });
    expect(seen).toEqual(['POST', '/in?x=1', 'yes', '{"ä":1}']);
  });

  test('follows no redirect', async () => {
    let asked = 0;
    const port = await receiver((_, response) => {
      asked++;
      response.writeHead(302, { location: '/elsewhere' }).end();
    });
    expect(await post(senderTo(['127.0.0.0/8']), `http://127.0.0.1:${port}`)).toMatchObject({ statusCode: 302 });
    expect(asked).toBe(1);
  });

  test('tells for how long an endpoint asks to wait', async () => {
    const port = await receiver((_, response) => response.writeHead(503, { 'retry-after': '120' }).end());
    expect(await post(senderTo(['127.0.0.0/8']), `http://127.0.0.1:${port}`)).toMatchObject({ retryAfterSeconds: 120 });
  });

  test('reads a bounded part of an answer without end, and keeps 1 KB', async () => {
    const port = await receiver((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write('x'.repeat(10_000)));
      };
      response.on('drain', more);
      more();
    });
    const { statusCode, response } = await post(senderTo(['127.0.0.0/8']), `http://127.0.0.1:${port}`);
    expect([statusCode, response]).toEqual([200, 'x'.repeat(1_024)]);
  });

  test('to whoever does not answer in time is no answer, and so is one to nobody', async () => {
    const port = await receiver(() => undefined);
    const sender = senderTo(['127.0.0.0/8'], { timeoutMs: 50 });
    expect(await post(sender, `http://127.0.0.1:${port}`)).toMatchObject({ statusCode: null, error: 'timeout' });
    expect(await post(senderTo(['127.0.0.0/8']), 'http://127.0.0.1:1')).toMatchObject({
      statusCode: null,
      error: 'ECONNREFUSED',
    });
  });

  test('ends when it is told to', async () => {
    const stop = new AbortController();
    const port = await receiver(() => {
      stop.abort();
    });
    expect(await post(senderTo(['127.0.0.0/8']), `http://127.0.0.1:${port}`, stop.signal)).toMatchObject({ statusCode: null });
  });
});

describe('an address that may not be reached', () => {
  test.each([
    ['itself', 'http://127.0.0.1', []],
    ['itself, of IPv6', 'http://[::1]', []],
    ['mapped', 'http://[::ffff:127.0.0.1]', []],
    ['by a name', 'http://hooks.example.com', ['127.0.0.1']],
    ['by a name of several', 'http://hooks.example.com', ['10.0.0.1', '169.254.169.254', '127.0.0.1']],
    ['by the name that every machine has', 'http://localhost', null],
  ])('is not connected to: %s', async (_, url, resolved) => {
    let asked = 0;
    const port = await receiver((__, response) => {
      asked++;
      response.end();
    });
    const sender = senderTo([], resolved === null ? {} : { resolve: resolvingTo(resolved) });
    expect(await post(sender, `${url}:${port}`)).toMatchObject({ statusCode: null, error: 'address_refused' });
    expect(asked).toBe(0);
  });

  test('is left out where a name has others', async () => {
    const port = await receiver((_, response) => response.end('allowed'), '127.0.0.2');
    await receiver((_, response) => response.end('refused'), '127.0.0.1', port);
    const sender = senderTo(['127.0.0.2'], { resolve: resolvingTo(['127.0.0.1', '127.0.0.2']) });
    expect(await post(sender, `http://hooks.example.com:${port}`)).toMatchObject({ response: 'allowed' });
  });

  test('is not reached by a name that is resolved otherwise the second time: what was checked is connected to', async () => {
    const port = await receiver((_, response) => response.end('allowed'), '127.0.0.2');
    await receiver((_, response) => response.end('refused'), '127.0.0.1', port);
    const sender = senderTo(['127.0.0.2'], { resolve: resolvingTo(['127.0.0.2'], ['127.0.0.1']) });
    const answers = [];
    for (let time = 0; time < 3; time++) answers.push(await post(sender, `http://rebinding.example.com:${port}`));
    expect(answers.map(({ response, error }) => response ?? error)).toEqual(['allowed', 'address_refused', 'address_refused']);
  });
});

describe('over https', () => {
  const directory = mkdtempSync(join(tmpdir(), 'mintmark-webhook-'));
  const inDirectory = (name: string) => join(directory, name);
  execFileSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...['-subj', '/CN=hooks.example.com', '-addext', 'subjectAltName=DNS:hooks.example.com'],
      ...['-keyout', inDirectory('key.pem'), '-out', inDirectory('cert.pem')],
    ],
    { stdio: 'ignore' },
  );
  const [key, cert] = ['key.pem', 'cert.pem'].map((name) => readFileSync(inDirectory(name), 'utf8'));
  rmSync(directory, { recursive: true });

  test.each([
    ['the name that the certificate is for', 'hooks.example.com', 200, null],
    ['another name', 'other.example.com', null, 'ERR_TLS_CERT_ALTNAME_INVALID'],
  ])('the certificate is held against the name, though the address was chosen here: %s', async (_, name, statusCode, error) => {
    const port = await listening(createSecureServer({ key, cert }, (__, response) => response.end()));
    const sender = senderTo(['127.0.0.1'], { resolve: resolvingTo(['127.0.0.1']), ...(cert !== undefined && { ca: cert }) });
    expect(await post(sender, `https://${name}:${port}`)).toMatchObject({ statusCode, error });
  });

  test('a certificate that nobody vouches for is refused', async () => {
    const port = await listening(createSecureServer({ key, cert }, (_, response) => response.end()));
    const sender = senderTo(['127.0.0.1'], { resolve: resolvingTo(['127.0.0.1']) });
    const { statusCode, error } = await post(sender, `https://hooks.example.com:${port}`);
    expect([statusCode, error]).toEqual([null, expect.stringMatching(/CERT/)]);
  });
});
