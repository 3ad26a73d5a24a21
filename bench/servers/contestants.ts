import { startServer } from '../harness/server-process.js';
import type { Contestant } from '../harness/repetition.js';
import type { Installation } from './installation.js';

const SURFACE = 'verifier-grpc';

export function verifyToken({ environment }: Installation): Contestant {
  return { name: 'VerifyToken', start: () => startServer('dist/apps/verifier/src/main.js', SURFACE, environment) };
}

/** @param answer the encoded response to every call */
export function noOp(answer: Buffer): Contestant {
  return { name: 'no-op', start: () => startNoOp({ BENCH_RESPONSE: answer.toString('base64') }) };
}

export function noOpWithSelect(answer: Buffer, databaseUrl: string): Contestant {
  const environment = { BENCH_RESPONSE: answer.toString('base64'), BENCH_DATABASE_URL: databaseUrl };
  return { name: 'no-op and SELECT', start: () => startNoOp(environment) };
}

function startNoOp(environment: Readonly<Record<string, string>>) {
  return startServer('dist/bench/servers/no-op.js', SURFACE, environment);
}
