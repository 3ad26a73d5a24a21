import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import { status } from '@grpc/grpc-js';
import { Logger } from '@nestjs/common';
import { UnavailableError } from '#libs/key-domain';
import { ApiKeyOptionsError } from '../options-error.js';
import type { VerifierOptions } from '../options.js';
import { TokenInquiry } from '../request/token-inquiry.js';
import { GRANT, response, ScriptedVerifier } from '../scripted-verifier.fixture.js';
import { GrpcTokenVerifier } from './grpc-token-verifier.js';

const ask = (token: string) => new TokenInquiry(token, [], '', '10.0.0.1', 'live', 1);
const KEPT = response('VALID', { grant: GRANT, cacheTtl: { seconds: 60, nanos: 0 } });

describe('a guard with sessions over gRPC', () => {
  const open: { stop(): void }[] = [];
  afterEach(() => open.splice(0).forEach((one) => one.stop()));

  const start = async (port = 0): Promise<ScriptedVerifier> => {
    const server = await ScriptedVerifier.start(port);
    server.script = () => KEPT;
    open.push(server);
    return server;
  };
  const guard = (servers: readonly ScriptedVerifier[], options: Partial<VerifierOptions> = {}): GrpcTokenVerifier => {
    const serviceKey = 'mm_live_service';
    const verifier = new GrpcTokenVerifier({ verifierUrl: servers.map(({ url }) => url), serviceKey, ...options });
    open.push({ stop: () => verifier.onApplicationShutdown() });
    verifier.onModuleInit();
    return verifier;
  };
  const until = async (holds: () => boolean, ms = 5_000): Promise<void> => {
    const began = Date.now();
    while (!holds() && Date.now() - began < ms) await sleep(5);
    expect(holds()).toBe(true);
  };
  const keep = async (verifier: GrpcTokenVerifier, server: ScriptedVerifier, token: string): Promise<void> => {
    await until(() => (server.session?.renewals ?? 0) > 0);
    await until(() => verifier.judgeKept(ask('?')) === null);
    await verifier.verify(ask(token));
    await until(() => verifier.judgeKept(ask(token)) !== null);
  };

  test('keeps what it is given, names its session, and asks no more', async () => {
    const server = await start();
    const verifier = guard([server]);
    await keep(verifier, server, 'a');
    expect(verifier.judgeKept(ask('a'))?.code).toBe('VALID');
    expect(server.asked.map(({ request }) => request.guardSessionId)).toEqual([server.session?.id]);
  });

  test.each(['REVOKED', 'EXPIRED', 'DISABLED', 'ACCOUNT_SUSPENDED', 'QUOTA_EXCEEDED', 'RATE_LIMITED'] as const)(
    'never keeps %s, whatever the verifier allows',
    async (code) => {
      const server = await start();
      server.script = () => response(code, { grant: GRANT, cacheTtl: { seconds: 60, nanos: 0 } });
      const verifier = guard([server]);
      await until(() => (server.session?.renewals ?? 0) > 0);
      expect((await verifier.verify(ask('a'))).verdict.code).toBe(code);
      expect(verifier.judgeKept(ask('a'))).toBeNull();
    },
  );

  test.each([
    ['its key', { $case: 'keyId', value: GRANT.keyId }],
    ['its account', { $case: 'accountId', value: GRANT.accountId }],
    ['all', { $case: 'all', value: true }],
    ['something that it does not know', undefined],
  ] as const)('acknowledges a change of %s once what it kept of that is gone', async (_, scope) => {
    const server = await start();
    const verifier = guard([server]);
    await keep(verifier, server, 'a');
    const sequence = server.session?.tell(scope);
    await until(() => server.session?.acknowledged.at(-1) === sequence);
    expect(verifier.judgeKept(ask('a'))).toBeNull();
  });

  test('keeps no answer that was under way when a change of its key was told', async () => {
    const server = await start();
    const verifier = guard([server]);
    await until(() => (server.session?.renewals ?? 0) > 0);
    server.script = () => {
      server.session?.tell({ $case: 'keyId', value: GRANT.keyId });
      return KEPT;
    };
    expect((await verifier.verify(ask('a'))).verdict.code).toBe('VALID');
    await until(() => server.session?.acknowledged.length === 1);
    expect(verifier.judgeKept(ask('a'))).toBeNull();
  });

  test.each([
    ['is ended', (server: ScriptedVerifier) => server.session?.end('shutting down')],
    ['misses a change', (server: ScriptedVerifier) => server.session?.tell({ $case: 'keyId', value: 'key_2' }, 2)],
  ])('forgets everything when its session %s, and opens another', async (_, happen) => {
    const server = await start();
    const verifier = guard([server]);
    await keep(verifier, server, 'a');
    happen(server);
    await until(() => verifier.judgeKept(ask('a')) === null);
    await until(() => server.sessions.length === 2 && (server.session?.renewals ?? 0) > 0);
    await keep(verifier, server, 'a');
  });

  test('forgets everything when its verifier is killed, and keeps again soon after it is back', async () => {
    const before = await start();
    const verifier = guard([before]);
    await keep(verifier, before, 'a');
    before.stop();
    await until(() => verifier.judgeKept(ask('a')) === null);
    await expect(verifier.verify(ask('a'))).rejects.toThrow(UnavailableError);
    const after = await start(before.port);
    await until(() => (after.session?.renewals ?? 0) > 0);
    await keep(verifier, after, 'a');
  });

  test('refuses text that is no token of the account without asking, unless former tokens may look like anything', async () => {
    const server = await start();
    const verifier = guard([server]);
    await keep(verifier, server, 'a');
    const formats = [{ prefix: 'mm', environments: ['live'], encoding: 'base62' }];
    server.session?.rules({ formats, holdsImported: false });
    await until(() => verifier.judgeKept(ask('mm_live_wrong'))?.code === 'MALFORMED');
    expect(verifier.judgeKept(ask(`mm_live_${'0'.repeat(38)}1gFbYm`))).toBeNull();
    server.session?.rules({ formats, holdsImported: true });
    await until(() => verifier.judgeKept(ask('mm_live_wrong')) === null);
  });

  test.each([
    [status.UNAUTHENTICATED, /does not accept the service key/],
    [status.PERMISSION_DENIED, /lacks the scope/],
    [status.UNIMPLEMENTED, /UNIMPLEMENTED/],
  ])('works without a cache, and says so once, where status %i refuses it a session', async (code, reason) => {
    const lines: string[] = [];
    Logger.overrideLogger({ log: () => undefined, error: () => undefined, warn: (line: string) => void lines.push(line) });
    const server = await start();
    server.refusal = { code };
    const verifier = guard([server]);
    await until(() => lines.length > 0);
    for (let i = 0; i < 3; i++) expect((await verifier.verify(ask('a'))).verdict.code).toBe('VALID');
    expect(verifier.judgeKept(ask('a'))).toBeNull();
    expect(lines).toEqual([expect.stringMatching(reason)]);
    Logger.overrideLogger(false);
  });

  test('asks every time where the service wants no cache, and opens no session', async () => {
    const server = await start();
    const verifier = guard([server], { cache: false });
    for (let i = 0; i < 3; i++) await verifier.verify(ask('a'));
    expect(verifier.judgeKept(ask('a'))).toBeNull();
    expect([server.asked.length, server.sessions.length]).toEqual([3, 0]);
  });

  test('tells its verifier how long it may go on without it', async () => {
    const server = await start();
    guard([server], { cache: { staleWhileUnavailableMs: 30_500 } });
    await until(() => server.session?.opened?.staleWhileUnavailable?.nanos === 500_000_000);
    expect(server.session?.opened?.staleWhileUnavailable?.seconds).toBe(30);
  });

  test('a question that the verifier finds fault with fails none of its neighbours', async () => {
    const server = await start();
    server.script = ({ productId }) => (productId === 'bad' ? { code: status.INVALID_ARGUMENT } : KEPT);
    const verifier = guard([server]);
    const questions = Array.from({ length: 100 }, (_, index) =>
      index === 37 ? new TokenInquiry('bad', [], 'bad', '', '', 1) : ask(`token ${index}`),
    );
    const outcomes = await Promise.allSettled(questions.map((question) => verifier.verify(question)));
    expect(outcomes.map((outcome) => outcome.status === 'rejected')).toEqual(questions.map((_, index) => index === 37));
    expect(server.calls.length).toBeLessThan(20);
  });

  test('of three verifiers a silent one costs a question one wait, and the next ones none', async () => {
    const servers = [await start(), await start(), await start()];
    const verifier = guard(servers, { deadlineMs: 4_000, cache: false });
    const tokens = Array.from({ length: 30 }, (_, index) => `token ${index}`);
    await Promise.all(tokens.map((token) => verifier.verify(ask(token))));
    if (servers[0] !== undefined) servers[0].isSilent = true;
    await Promise.all(tokens.map((token) => verifier.verify(ask(token))));
    const began = Date.now();
    for (const token of tokens) expect((await verifier.verify(ask(token))).verdict.code).toBe('VALID');
    expect(Date.now() - began).toBeLessThan(2_000);
  });

  test.each([{ maxEntries: 0 }, { maxEntries: 1.5 }, { maxBytes: 10 }, { staleWhileUnavailableMs: -1 }, { maxEntries: NaN }])(
    'the option cache %j stops the start',
    (cache) => {
      const options = { verifierUrl: 'http://127.0.0.1:1', serviceKey: 'mm_live_service', cache };
      expect(() => new GrpcTokenVerifier(options)).toThrow(ApiKeyOptionsError);
    },
  );
});
