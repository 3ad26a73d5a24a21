import { createServer } from 'node:net';

/** Below those that the system gives to connections: a server that is killed finds its own again. */
const FIRST = 20_000;
const LAST = 31_999;

const given = new Set<number>();

/** A port of 127.0.0.1 that nobody listens on, the same for all the lives of a process. */
export async function steadyPort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST));
    if (!given.has(port) && (await isFree(port))) {
      given.add(port);
      return port;
    }
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => {
      resolve(false);
    });
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}
