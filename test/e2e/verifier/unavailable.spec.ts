import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { connect, constants, type IncomingHttpHeaders } from 'node:http2';
import { setTimeout as sleep } from 'node:timers/promises';
import { freshDatabase } from '../../support/fresh-database.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { type Installation, startInstallation } from './installation.js';
import { encode, failureOf } from './outside-client.js';

const RECOVERY_LIMIT_MS = 10_000;

/** Asked about once, while the database is away: nobody remembers anything of it. What stalls may be read and remembered later. */
let unknowns = 0;
const anUnknown = () => ({ tokenSha256: Buffer.alloc(32, (unknowns += 1)) });

describe('a question that cannot be answered is an error and never a verdict', () => {
  let proxy: TcpProxy;
  let installation: Installation;
  let token: string;
  const ask = () => installation.verifier.verifyToken({ token });

  beforeAll(async () => {
    const { url } = await freshDatabase();
    proxy = await TcpProxy.before(url);
    installation = await startInstallation({ database: { url: proxy.url } });
    ({ token } = await installation.mint());
  });
  afterAll(async () => {
    proxy.restore();
    await installation.stop();
    await proxy.stop();
  });

  test('UNAVAILABLE while Postgres is away, for a good token and an unknown one alike; then verdicts again, with no restart', async () => {
    proxy.cut();
    for (const question of [{ token }, anUnknown(), { token: 'gm_live_xxx' }]) {
      const failure = await failureOf(installation.verifier.verifyToken(question));
      expect(failure.status).toBe('UNAVAILABLE');
      expect(failure.details).not.toMatch(/ECONN|127\.0\.0\.1|postgres|\n/i);
    }
    expect(await failureOf(installation.verifier.verifyTokens([{ token }]))).toMatchObject({ status: 'UNAVAILABLE' });
    proxy.restore();
    expect(await firstAnswer(ask)).toMatchObject({ code: 'VALID' });
  });

  test('connections that break under way break no later call', async () => {
    const storm = Array.from({ length: 50 }, ask);
    proxy.cut();
    const settled = await Promise.allSettled(storm);
    proxy.restore();
    await firstAnswer(ask);
    const codes = await Promise.all(Array.from({ length: 50 }, ask));
    expect(new Set(codes.map(({ code }) => code))).toEqual(new Set(['VALID']));
    for (const outcome of settled) {
      if (outcome.status === 'fulfilled') expect(outcome.value.code).toBe('VALID');
      else expect(outcome.reason).toMatchObject({ code: 14 });
    }
  });

  test("a call's own deadline is honoured by the server while Postgres says nothing", async () => {
    proxy.stall();
    const { status, ms } = await rawCall(installation, encode('VerifyToken', anUnknown()), '300m');
    proxy.restore();
    expect(status).toBe('4');
    expect(ms).toBeGreaterThan(250);
    expect(ms).toBeLessThan(1500);
    expect(await firstAnswer(ask)).toMatchObject({ code: 'VALID' });
  });

  test('a call without a deadline does not wait for ever on a Postgres that says nothing', async () => {
    proxy.stall();
    const { status, ms } = await rawCall(installation, encode('VerifyToken', anUnknown()), null);
    proxy.restore();
    expect(status).toBe('14');
    expect(ms).toBeLessThan(15_000);
    expect(await firstAnswer(ask)).toMatchObject({ code: 'VALID' });
  }, 30_000);
});

/** The first call that is answered at all. */
async function firstAnswer<Result>(ask: () => Promise<Result>): Promise<Result> {
  const giveUp = Date.now() + RECOVERY_LIMIT_MS;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > giveUp) throw error;
      await sleep(50);
    }
  }
}

/** One call by hand, since a gRPC client would end it at the deadline by itself. */
function rawCall({ stack }: Installation, message: Buffer, timeout: string | null): Promise<{ status: string; ms: number }> {
  const session = connect(`http://${stack.verifierGrpc}`);
  const start = performance.now();
  const stream = session.request({
    [constants.HTTP2_HEADER_METHOD]: 'POST',
    [constants.HTTP2_HEADER_PATH]: '/mintmark.v1.TokenVerifierService/VerifyToken',
    'content-type': 'application/grpc',
    te: 'trailers',
    authorization: `Bearer ${stack.serviceKey}`,
    ...(timeout !== null && { 'grpc-timeout': timeout }),
  });
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  stream.end(Buffer.concat([prefix, message]));
  return new Promise((resolve, reject) => {
    const answered = (headers: IncomingHttpHeaders) => {
      const status = headers['grpc-status'];
      if (typeof status !== 'string') return;
      session.close();
      resolve({ status, ms: performance.now() - start });
    };
    stream.on('response', answered).on('trailers', answered).on('error', reject).resume();
  });
}
