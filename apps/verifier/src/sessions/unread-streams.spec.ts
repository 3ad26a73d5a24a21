import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { EventEmitter, once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { setImmediate as turn } from 'node:timers/promises';
import { GUARD_BOUNDS, GuardSessions } from '#libs/coherence';
import { TokenVerifierServiceService, WatchKeysRequest, type WatchKeysResponse } from '#libs/contract';
import { type ChangeScope, type FollowingMemory, NO_MEMORY, SYSTEM_TIME, type TokenRules } from '#libs/key-domain';
import { createLog, Metrics } from '#libs/observability';
import { AccountRules } from '#libs/verification';
import { CallMeasures } from '../grpc/call-measures.js';
import { cutOff } from '../grpc/cut-off.js';
import { ErrorTranslator } from '../grpc/error-translator.js';
import { GrpcEndpoint } from '../grpc/grpc-endpoint.js';
import { aRecord } from '../key-record.fixture.js';
import { type GuardCall, GuardStream, type WatchCall } from './guard-stream.js';
import { SessionRules } from './session-rules.js';
import { encodeMessage } from './write-message.js';

const { watchKeys } = TokenVerifierServiceService;
const STAMP = { epoch: 'e', position: 0 };
const ENVIRONMENTS = Array.from({ length: 16 }, (_, number) => `environment${number}`);
const RULES: TokenRules = {
  formats: Array.from({ length: 20 }, (_, number) => ({
    name: `f${number}`,
    prefix: `prefix${number}`,
    environments: ENVIRONMENTS,
    encoding: 'base62',
  })),
  holdsImported: false,
};
const SERVICE = aRecord({ keyId: 'service', accountId: 'acc', name: '' });

const log = createLog('verifier', { write: () => undefined });
const following = { ...NO_MEMORY, mayAnswerFromMemory: () => true, stamp: () => STAMP, isUnchangedSince: () => true };

let sessions: GuardSessions;
let memory: FollowingMemory;
let rules: SessionRules;
let endpoint: GrpcEndpoint;
let client: ClientHttp2Session;

beforeEach(async () => {
  sessions = new GuardSessions({ time: SYSTEM_TIME, newSessionId: () => 's' });
  const follow = (one: FollowingMemory) => void (memory = one);
  sessions.attend({ ...following, leaseLeft: () => 1_900, storeTime: () => 0, follow });
  rules = new SessionRules(
    new AccountRules({ rulesOf: () => Promise.resolve(RULES) }, { ...following, storeTime: () => 0, follow: () => undefined }),
  );
  endpoint = new GrpcEndpoint(log, new CallMeasures(new Metrics('verifier')));
  endpoint.server.addService(
    { watchKeys: { ...watchKeys, responseSerialize: encodeMessage } },
    { watchKeys: (call: WatchCall) => void streamOf(call, call).serve() },
  );
  const port = await endpoint.listen('127.0.0.1', 0);
  // Nothing that is sent to it ever leaves the verifier.
  client = connect(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: 0 } });
});
afterEach(async () => {
  client.destroy();
  await endpoint.drain();
});

function streamOf(call: GuardCall, cut: object): GuardStream {
  return new GuardStream(call, {
    sessions,
    rules,
    errors: new ErrorTranslator(log),
    admit: () => ({ record: SERVICE, stamp: STAMP }),
    letGo: () => {
      cutOff(cut);
    },
  });
}

function watch(): ClientHttp2Stream {
  const headers = { ':method': 'POST', ':path': watchKeys.path, 'content-type': 'application/grpc+proto', te: 'trailers' };
  const stream = client.request(headers);
  stream.on('error', () => undefined);
  return stream;
}

function say(stream: ClientHttp2Stream, message: WatchKeysRequest['message']): void {
  const bytes = WatchKeysRequest.encode({ message }).finish();
  const head = Buffer.alloc(5);
  head.writeUInt32BE(bytes.length, 1);
  stream.write(Buffer.concat([head, bytes]));
}

const OPEN = { $case: 'open', value: { staleWhileUnavailable: undefined } } as const;
const change = (number: number, scope: ChangeScope) => ({ number, scope, handles: [] });

test('what a guard does not read is let go of, with its stream, two seconds after its session', async () => {
  const stream = watch();
  say(stream, OPEN);
  await once(stream, 'response');
  expect(sessions.size).toBe(1);
  const closed = once(stream, 'close');
  sessions.close('the verifier is shutting down');
  expect(sessions.size).toBe(0);
  await closed;
  expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
});

test('a stream on which no session is asked for ends after two seconds, and may be tried again', async () => {
  const stream = watch();
  const [headers] = (await once(stream, 'response')) as [Record<string, string>];
  expect(headers['grpc-status']).toBe(String(status.UNAVAILABLE));
});

test('what waits for a guard that acknowledges without reading keeps within its bytes, rules of the account included', async () => {
  const call = new UnreadCall();
  await streamOf(call, call).serve();
  call.say(OPEN);
  await turn();
  for (let number = 1; number <= 1_000 && sessions.size > 0; number += 1) {
    memory.forget(change(number, { kind: 'account', accountId: 'acc' }), 'log');
    call.say({ $case: 'acknowledge', value: { sequence: number } });
    await turn();
  }
  const bytes = call.waiting.reduce((sum, message) => sum + encodeMessage(message).byteLength, 0);
  expect(sessions.size).toBe(0);
  expect(bytes).toBeLessThan(GUARD_BOUNDS.backlog + 2 * encodeMessage(call.rules[0] ?? { message: undefined }).byteLength);
  expect(new Set(call.rules).size).toBe(1);
  expect(new Set(call.rules.map(encodeMessage)).size).toBe(1);
});

/** A guard's end of a stream from which nothing is read. */
class UnreadCall extends EventEmitter implements GuardCall {
  readonly waiting: WatchKeysResponse[] = [];
  get writableLength(): number {
    return this.waiting.length;
  }
  get rules(): readonly WatchKeysResponse[] {
    return this.waiting.filter(({ message }) => message?.$case === 'rules');
  }
  write(message: WatchKeysResponse): void {
    this.waiting.push(message);
  }
  end(): void {
    // What was written waits all the same.
  }
  say(message: WatchKeysRequest['message']): void {
    this.emit('data', { message });
  }
}
