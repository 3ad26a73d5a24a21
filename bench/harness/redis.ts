import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { type AddressInfo, createServer } from 'node:net';

const START_LIMIT_MS = 10_000;

/** A Redis that stores nothing, on a port of its own, for as long as `use` takes. */
export async function withRedis<Result>(use: (url: string) => Promise<Result>): Promise<Result> {
  const port = await freePort();
  const settings = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no', '--dir', '/tmp'];
  const child = spawn('redis-server', settings, { stdio: ['ignore', 'pipe', 'inherit'] });
  const failed = once(child, 'error').then(([error]: unknown[]) =>
    Promise.reject(error instanceof Error ? error : new Error('no Redis')),
  );
  const ended = once(child, 'exit');
  const stop = () => child.kill('SIGTERM');
  process.once('exit', stop);
  const tooLate = setTimeout(stop, START_LIMIT_MS);
  try {
    await Promise.race([failed, ready(createInterface({ input: child.stdout }))]);
    clearTimeout(tooLate);
    child.stdout.resume();
    return await use(`redis://127.0.0.1:${port}`);
  } finally {
    clearTimeout(tooLate);
    process.off('exit', stop);
    if (stop()) await ended;
  }
}

async function ready(lines: AsyncIterable<string>): Promise<void> {
  for await (const line of lines) if (line.includes('Ready to accept connections')) return;
  throw new Error('redis-server did not start');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
