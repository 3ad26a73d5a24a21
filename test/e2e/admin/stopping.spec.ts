import { expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect } from 'node:net';
import { bearer, signIn } from '../../support/admin-client.js';
import { startStack } from '../../support/stack.js';
import { inDatabase, mint } from './office.js';

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

test('what was refused again and again is in the record, to the last time, once the process has stopped', async () => {
  const stack = await startStack();
  const { id, token } = await mint(await signIn(stack), { scopes: ['mintmark:keys:read'] });
  for (let time = 0; time < 5; time += 1) expect((await bearer(stack, token).post('/keys', { name: 'no' })).status).toBe(403);
  await stack.kill('SIGTERM');
  const refused = await inDatabase(stack, (sql) =>
    sql(
      `SELECT (change_text::jsonb -> 'after' ->> 'times')::int AS times FROM audit_entries
       WHERE actor_id = $1 AND action = 'request.refused' ORDER BY number`,
      [id],
    ),
  );
  await stack.stop();
  expect(refused.map(({ times }) => times)).toEqual([1, 4]);
});
