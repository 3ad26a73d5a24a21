import { afterEach, expect, test } from '@jest/globals';
import express from 'express';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PepperRing } from '#libs/key-domain';
import { PublicAddress } from '../../access/public-address.js';
import { type Attempt, AttemptCookie } from './attempt-cookie.js';

const BEGUN: Attempt = { state: 'a state', nonce: 'a nonce', codeVerifier: 'a verifier' };

let server: Server | undefined;
afterEach(() => void server?.close());

/** An admin under a public address, which sets the cookie at `/begin` and takes it at `/end`. */
async function serve(publicUrl: string): Promise<string> {
  const cookie = new AttemptCookie(new PepperRing([{ id: 'a', key: Buffer.alloc(32, 1) }]), new PublicAddress(publicUrl));
  const app = express()
    .get('/begin', (_, response) => void (cookie.set(response, BEGUN), response.end()))
    .get('/end', (request, response) => void response.json(cookie.take(request, response)));
  const listening = await new Promise<Server>((resolve) => {
    const started: Server = app.listen(0, '127.0.0.1', () => resolve(started));
  });
  server = listening;
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

async function begin(at: string): Promise<string> {
  return (await fetch(`${at}/begin`)).headers.getSetCookie().join();
}

async function end(at: string, cookie: string): Promise<unknown> {
  return (await fetch(`${at}/end`, { headers: { cookie } })).json();
}

test('over https browsers take the cookie from this very host alone, so that no host beside it plants one', async () => {
  const at = await serve('https://keys.example.com');
  const set = await begin(at);
  expect(set).toMatch(/^__Host-mintmark_oidc=[^;]+;/);
  expect(set).toContain('; Path=/;');
  expect(set).toContain('; Secure');
  expect(set).not.toContain('Domain');
  const pair = set.split(';')[0] ?? '';
  expect(await end(at, pair)).toEqual(BEGUN);
  expect(await end(at, pair.replace('__Host-', ''))).toBeNull();
});

test('over http, on a developer’s machine, it is taken under its bare name', async () => {
  const at = await serve('http://127.0.0.1:3000');
  const set = await begin(at);
  expect(set).toMatch(/^mintmark_oidc=/);
  expect(await end(at, set.split(';')[0] ?? '')).toEqual(BEGUN);
});
