import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startAdmin } from '#apps/admin';
import { adminConfig } from '#libs/config';
import type { RunningApp } from '#libs/observability';
import { recordSecret } from '../../support/evidence.js';
import { type FreshDatabase, freshDatabase } from '../../support/fresh-database.js';

const REQUEST_MS = 1_000;
const SILENCE_MS = 2_000;
const OWNER = { email: 'owner@example.com', password: randomBytes(9).toString('base64url') };

describe('an admin whose requests may take a second to arrive, and streams as long as they like but two seconds of silence', () => {
  let database: FreshDatabase;
  let directory: string;
  let admin: RunningApp;
  let url: string;
  let cookie: string;
  beforeAll(async () => {
    recordSecret('password', OWNER.password);
    const pepper = randomBytes(32).toString('base64');
    recordSecret('pepper', pepper);
    database = await freshDatabase();
    directory = await mkdtemp(join(tmpdir(), 'mintmark-arrival-'));
    const config = adminConfig({
      MINTMARK_HOST: '127.0.0.1',
      MINTMARK_ADMIN_PORT: '0',
      MINTMARK_DATABASE_URL: database.url,
      MINTMARK_PEPPERS: `p1:${pepper}`,
      MINTMARK_DATA_DIR: directory,
      MINTMARK_BOOTSTRAP_EMAIL: OWNER.email,
      MINTMARK_BOOTSTRAP_PASSWORD: OWNER.password,
    });
    const pageDirectory = join(import.meta.dirname, '../../../dist/apps/dashboard'); // this admin runs from its sources
    admin = await startAdmin(config, { arrivalLimits: { requestMs: REQUEST_MS, silenceMs: SILENCE_MS }, pageDirectory });
    url = admin.surfaces[0]?.url ?? '';
    cookie = await signIn();
  }, 60_000);
  afterAll(async () => {
    await admin.close();
    await database.drop();
    await rm(directory, { recursive: true });
  });

  async function signIn(): Promise<string> {
    const answer = await fetch(`${url}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(OWNER),
    });
    const [session = ''] = answer.headers.getSetCookie().map((one) => one.split(';')[0] ?? '');
    recordSecret('session', session.slice(session.indexOf('=') + 1));
    return session;
  }

  /** Begins a request of which more is to come. */
  function begin(path: string, type: string, headers: Readonly<Record<string, string>> = { cookie }): ClientRequest {
    const sending = request(`${url}/api/v1${path}`, { method: 'POST', headers: { ...headers, 'content-type': type } });
    sending.flushHeaders();
    return sending;
  }
  const beginImport = (headers?: Readonly<Record<string, string>>) => begin('/keys/import', 'application/x-ndjson', headers);

  /** What came until the other side ended it. */
  async function answerOf(sending: ClientRequest): Promise<{ readonly status: number; readonly text: string }> {
    const [response] = (await once(sending, 'response')) as [IncomingMessage];
    let text = '';
    response.setEncoding('utf8').on('data', (part: string) => (text += part));
    await new Promise<void>((resolve) => response.once('error', () => resolve()).once('close', resolve));
    return { status: response.statusCode ?? 0, text };
  }

  const aLine = () => `{"sha256":"${randomBytes(32).toString('hex')}"}\n`;
  const countLines = (text: string) => text.split('\n').length - 1;

  test('takes all of an import that goes on for much longer than a request may', async () => {
    const sending = beginImport();
    const answered = answerOf(sending);
    const end = Date.now() + 4 * REQUEST_MS;
    let sent = 0;
    for (; Date.now() < end; sent += 1) {
      sending.write(aLine());
      await sleep(REQUEST_MS / 2);
    }
    sending.end();
    const { status, text } = await answered;
    expect([status, countLines(text), text.includes('error')]).toEqual([200, sent, false]);
  }, 30_000);

  test('ends an import of which nothing comes any more, and has kept what it answered', async () => {
    const sending = beginImport();
    const lines = [aLine(), aLine()];
    sending.on('error', () => undefined).write(lines.join(''));
    const { status, text } = await answerOf(sending);
    expect([status, countLines(text)]).toEqual([200, 2]);
    const again = beginImport();
    again.end(lines.join(''));
    expect((await answerOf(again)).text.match(/"existing":true/g)).toHaveLength(2);
  }, 30_000);

  test('cuts off any other request that is not there in time', async () => {
    const sending = begin('/keys', 'application/json');
    const trickle = setInterval(() => sending.write(' '), REQUEST_MS / 5);
    sending.on('error', () => undefined);
    const { status } = await answerOf(sending);
    clearInterval(trickle);
    expect(status).toBe(408);
  }, 30_000);

  test('lets nobody off who may not import: their connection is closed in time, though they were answered', async () => {
    const sending = beginImport({});
    const trickle = setInterval(() => sending.write('\n'), REQUEST_MS / 5);
    const closed = new Promise<void>((resolve) => sending.on('error', () => undefined).once('close', resolve));
    const [response] = (await once(sending, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(401);
    await closed;
    clearInterval(trickle);
  }, 30_000);
});
