import type { Contestant } from '../harness/repetition.js';
import { startServer } from '../harness/server-process.js';
import type { Installation } from './installation.js';

const SURFACE = 'verifier-grpc';

export function verifier({ environment }: Installation): Contestant {
  return { name: 'VerifyToken', start: () => startServer('dist/apps/verifier/src/main.js', SURFACE, environment) };
}

/**
 * Stock grpc-js with proto-loader.
 * @param answer the encoded response to every call
 */
export function noOp(answer: Buffer): Contestant {
  return { name: 'no-op', start: () => startNoOp(answer, 'proto-loader') };
}

/** The same on codecs that read what they need and answer with ready bytes. */
export function leanNoOp(answer: Buffer): Contestant {
  return { name: 'no-op, hand-written codecs', start: () => startNoOp(answer, 'hand-written') };
}

function startNoOp(answer: Buffer, codec: 'proto-loader' | 'hand-written') {
  const environment = { BENCH_RESPONSE: answer.toString('base64'), BENCH_CODEC: codec };
  return startServer('dist/bench/servers/no-op.js', SURFACE, environment);
}
