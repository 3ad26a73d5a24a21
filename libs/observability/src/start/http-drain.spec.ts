import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { HttpDrain } from './http-drain.js';

const LIMIT_MS = 400;
const REQUEST = 'GET / HTTP/1.1\r\nHost: here\r\n';

describe('HttpDrain', () => {
  const sockets: Socket[] = [];
  let server: Server;
  let drain: HttpDrain;

  beforeEach(async () => {
    server = createServer();
    drain = new HttpDrain(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy();
  });

  async function open(sent = ''): Promise<Socket> {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    await Promise.all([once(socket, 'connect'), once(server, 'connection')]);
    socket.write(sent);
    return socket;
  }

  /** How long a close takes, in milliseconds. */
  async function close(): Promise<number> {
    const begun = performance.now();
    await drain.close(() => new Promise((closed) => server.close(() => closed())), LIMIT_MS);
    return performance.now() - begun;
  }

  test.each([
    ['that has sent nothing', ''],
    ['that has sent half a header', REQUEST],
  ])('a connection %s is not waited for', async (_, sent) => {
    await open(sent);
    expect(await close()).toBeLessThan(LIMIT_MS);
  });

  test('a request in flight is answered, and its connection not kept alive', async () => {
    const socket = await open();
    const answer = text(socket);
    const arrived = once(server, 'request') as Promise<[IncomingMessage, ServerResponse]>;
    socket.write(`${REQUEST}\r\n`);
    const [, response] = await arrived;
    setTimeout(() => response.end('answered'), LIMIT_MS / 3);
    expect(await close()).toBeLessThan(LIMIT_MS);
    expect(await answer).toContain('answered');
  });

  test('a request that takes too long is cut off', async () => {
    const socket = await open();
    const arrived = once(server, 'request');
    socket.write(`${REQUEST}\r\n`);
    await arrived;
    const took = await close();
    expect(took).toBeGreaterThanOrEqual(LIMIT_MS - 5);
    expect(took).toBeLessThan(4 * LIMIT_MS);
  });
});
