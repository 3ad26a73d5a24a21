import { expect, test } from '@jest/globals';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { limitArrivals } from './arrival-limits.js';

const HALF_A_REQUEST = 'POST / HTTP/1.1\r\nHost: mintmark\r\nContent-Length: 10\r\n\r\nhalf';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('nothing is kept of a request whose client has hung up', async () => {
  const requests: WeakRef<object>[] = [];
  const server = createServer((request) => {
    request.on('error', () => undefined).resume();
    requests.push(new WeakRef(request));
  });
  limitArrivals(server, { requestMs: 300_000, silenceMs: 60_000 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  for (let n = 0; n < 50; n += 1) await hangUp((server.address() as AddressInfo).port, () => requests.length > n);
  server.close();
  await once(server, 'close');
  await sleep(50);
  collectGarbage();
  expect(requests.filter((request) => request.deref() !== undefined).length).toBeLessThan(5);
});

async function hangUp(port: number, hasArrived: () => boolean): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.write(HALF_A_REQUEST);
  while (!hasArrived()) await sleep(1);
  socket.destroy();
  await once(socket, 'close');
}
