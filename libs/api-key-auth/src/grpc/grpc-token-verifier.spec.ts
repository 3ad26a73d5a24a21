import { afterEach, describe, expect, test } from '@jest/globals';
import { Metadata, status } from '@grpc/grpc-js';
import { tokenSha256, UnavailableError } from '#libs/key-domain';
import type { VerifierOptions } from '../options.js';
import { GRANT, response, ScriptedVerifier } from '../scripted-verifier.fixture.js';
import type { GuardQuestion } from '../token-verifier.js';
import { GrpcTokenVerifier } from './grpc-token-verifier.js';

const SERVICE_KEY = 'mm_live_service';
const questionOf = (token: string): GuardQuestion => ({
  tokenSha256: tokenSha256(token),
  requiredScopes: [],
  productId: '',
  clientIp: '',
  environment: '',
  cost: 1,
});
const question = questionOf('x');

describe('GrpcTokenVerifier', () => {
  const open: { stop(): void }[] = [];
  afterEach(() => open.splice(0).forEach((one) => one.stop()));

  const start = async (port = 0): Promise<ScriptedVerifier> => {
    const verifier = await ScriptedVerifier.start(port);
    open.push(verifier);
    return verifier;
  };
  const connectTo = (servers: readonly ScriptedVerifier[], options: Partial<VerifierOptions> = {}): GrpcTokenVerifier => {
    const verifier = new GrpcTokenVerifier({ verifierUrl: servers.map(({ url }) => url), serviceKey: SERVICE_KEY, ...options });
    open.push({ stop: () => verifier.onApplicationShutdown() });
    return verifier;
  };
  const failure = async (verifier: GrpcTokenVerifier): Promise<UnavailableError> => {
    const error: unknown = await verifier.verify(question).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UnavailableError);
    return error as UnavailableError;
  };

  test('tokens are spread over several verifiers, and each is asked of the same one every time', async () => {
    const servers = [await start(), await start(), await start()];
    const verifier = connectTo(servers);
    const tokens = Array.from({ length: 300 }, (_, index) => questionOf(`token ${index}`));
    await Promise.all(tokens.map((token) => verifier.verify(token)));
    const once = servers.map(({ asked }) => asked.length);
    expect(Math.min(...once)).toBeGreaterThan(60);
    for (let round = 0; round < 2; round++) for (const token of tokens) await verifier.verify(token);
    expect(servers.map(({ asked }) => asked.length)).toEqual(once.map((count) => 3 * count));
  });

  test('where one of two verifiers is away, every question is answered by the other', async () => {
    const [gone, there] = [await start(), await start()];
    const verifier = connectTo([gone, there]);
    gone.stop();
    for (let i = 0; i < 10; i++) expect((await verifier.verify(question)).verdict.code).toBe('VALID');
    const verdicts = await Promise.all(Array.from({ length: 50 }, () => verifier.verify(question)));
    expect(verdicts.map(({ verdict }) => verdict.code)).toEqual(Array(50).fill('VALID'));
    expect(there.asked).toHaveLength(60);
  });

  test('an answer other than "unavailable" is not asked for again elsewhere', async () => {
    const servers = [await start(), await start()];
    for (const server of servers) server.script = () => ({ code: status.INTERNAL });
    await failure(connectTo(servers));
    expect(servers.flatMap(({ asked }) => asked)).toHaveLength(1);
  });

  test('a verifier whose store is away answers what it remembers: what it does not know fails alone, however often', async () => {
    const server = await start();
    const metadata = new Metadata();
    metadata.set('mintmark-error', 'unavailable');
    const unknown = questionOf('unknown');
    server.script = ({ credential }) =>
      Buffer.from(unknown.tokenSha256).equals(Buffer.from(credential?.value ?? ''))
        ? { code: status.UNAVAILABLE, details: 'no store', metadata }
        : response('VALID', { grant: GRANT });
    const verifier = connectTo([server]);
    for (let round = 0; round < 5; round++) {
      const known = Array.from({ length: 20 }, (_, index) => questionOf(`known ${index}`));
      const answers = await Promise.allSettled([...known, unknown].map((token) => verifier.verify(token)));
      expect(answers.map(({ status: outcome }) => outcome)).toEqual([...known.map(() => 'fulfilled'), 'rejected']);
    }
  });

  test('a verifier that does not answer is waited for until the deadline and no longer', async () => {
    const silent = await start();
    silent.script = () => null;
    const began = Date.now();
    // The question's own clock and that of its call run out at the same moment.
    expect((await failure(connectTo([silent], { deadlineMs: 150 }))).detail).toMatch(/DEADLINE_EXCEEDED|nothing came in time/);
    expect(Date.now() - began).toBeGreaterThanOrEqual(145);
    expect(Date.now() - began).toBeLessThan(1_000);
  });

  test('the service key is read at every call, so that a rotated one is taken up', async () => {
    const server = await start();
    let key = 'mm_live_1';
    const verifier = connectTo([server], { serviceKey: () => Promise.resolve(key) });
    await verifier.verify(question);
    key = 'mm_live_2';
    await verifier.verify(question);
    expect(server.asked.map(({ authorization }) => authorization)).toEqual(['Bearer mm_live_1', 'Bearer mm_live_2']);
  });

  test('a service key that was rotated between its reading and its use is read once more', async () => {
    const server = await start();
    const keys = ['mm_live_old', 'mm_live_new'];
    const serviceKey = () => keys.shift() ?? 'mm_live_new';
    server.script = () =>
      server.asked.at(-1)?.authorization === 'Bearer mm_live_old'
        ? { code: status.UNAUTHENTICATED }
        : response('VALID', { grant: GRANT });
    expect((await connectTo([server], { serviceKey, cache: false }).verify(question)).verdict.code).toBe('VALID');
    expect(server.asked).toHaveLength(2);
  });

  test.each([
    ['can not be read', () => Promise.reject(new Error('ENOENT')), /could not be read/],
    ['has a line break', () => `${SERVICE_KEY}\n`, /form of a key/],
    ['is empty', () => '', /form of a key/],
  ])('a service key that %s is an outage, and its text stays out of the error', async (_, serviceKey, detail) => {
    const server = await start();
    const error = await failure(connectTo([server], { serviceKey }));
    expect(error.detail).toMatch(detail);
    expect(`${error.message} ${error.detail}`).not.toContain(SERVICE_KEY);
    expect(server.asked).toEqual([]);
  });

  test.each([
    [status.UNAUTHENTICATED, /does not accept the service key.*MINTMARK_SERVICE_KEY/],
    [status.PERMISSION_DENIED, /MINTMARK_SERVICE_KEY.*mintmark:tokens:verify/],
    [status.INVALID_ARGUMENT, /INVALID_ARGUMENT what was wrong/],
  ])('status %i tells those who run the service what to do, and the end user nothing', async (code, detail) => {
    const server = await start();
    server.script = () => ({ code, details: 'what was wrong' });
    const error = await failure(connectTo([server]));
    expect(error.detail).toMatch(detail);
    expect(error.publicMessage).toBe('Tokens can not be verified now.');
  });

  test.each([
    [undefined, /serviceKey is not set/],
    ['', /serviceKey is not set/],
    [`${SERVICE_KEY}\n`, /serviceKey is no key/],
  ])('the service key %j stops the start', (serviceKey, message) => {
    expect(() => new GrpcTokenVerifier({ verifierUrl: 'http://127.0.0.1:1', serviceKey })).toThrow(message);
  });

  test('a connection that broke is made again, for the question in hand', async () => {
    const server = await start();
    const verifier = connectTo([server]);
    await verifier.verify(question);
    server.stop();
    const again = await start(server.port);
    again.script = () => response('REVOKED', { grant: GRANT });
    expect((await verifier.verify(question)).verdict.code).toBe('REVOKED');
  });
});
