import { expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:net';
import { startStack } from '../../support/stack.js';

test('a client that never ends its request does not keep the process from stopping', async () => {
  const stack = await startStack();
  const { hostname, port } = new URL(stack.adminUrl);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.write('POST /api/v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n{');
  await (await fetch(`${stack.adminUrl}/health/live`)).text();
  const { code, ms } = await stack.kill('SIGTERM');
  socket.destroy();
  await stack.stop();
  expect(code).toBe(0);
  expect(ms).toBeLessThan(4_000);
});
