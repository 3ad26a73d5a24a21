import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { createLog, Metrics } from '#libs/observability';
import { CallMeasures } from './call-measures.js';
import { CONNECTION_LIMITS, type ConnectionLimits } from './connection-limits.js';
import { GrpcEndpoint } from './grpc-endpoint.js';

const SHORT_MS = 100;
/** The client's half of the beginning of HTTP/2 (RFC 9113, section 3.4), and an empty SETTINGS frame. */
const PREFACE = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])]);

const ended: (() => unknown)[] = [];
beforeEach(() => void ended.splice(0));
afterEach(async () => {
  for (const end of ended.reverse()) await end();
});

async function listen(limits: Partial<ConnectionLimits>): Promise<number> {
  const log = createLog('verifier', { write: () => undefined });
  const endpoint = new GrpcEndpoint(log, new CallMeasures(new Metrics('verifier')), { ...CONNECTION_LIMITS, ...limits });
  ended.push(() => endpoint.drain());
  return endpoint.listen('127.0.0.1', 0);
}

/** A client that says nothing any more. */
function vanished(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  ended.push(() => socket.destroy());
  socket.write(PREFACE);
  return socket.resume();
}

test('a client that vanished without a word is let go of when it answers no ping', async () => {
  const socket = vanished(await listen({ ping: SHORT_MS, pingAnswer: SHORT_MS }));
  const began = performance.now();
  await once(socket, 'close');
  expect(performance.now() - began).toBeGreaterThan(SHORT_MS);
});

test('a connection without any call is closed, one whose client answers pings included', async () => {
  const client = connectHttp2(`http://127.0.0.1:${await listen({ ping: SHORT_MS, idle: 3 * SHORT_MS })}`);
  ended.push(() => {
    client.destroy();
  });
  await pause(SHORT_MS);
  expect(client.closed).toBe(false);
  await once(client, 'close');
});
