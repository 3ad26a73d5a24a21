/*
 * Mintmark's guard in the process of its service. BENCH_VERIFIER, BENCH_SERVICE_KEY, BENCH_TOKENS in JSON, BENCH_CACHE:
 * `warm` or `off`, BENCH_WARM_UP_MS, BENCH_MS. Prints what it found as a line of JSON.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { TokenInquiry } from '#libs/api-key-auth';
import { GrpcTokenVerifier } from '../../libs/api-key-auth/src/grpc/grpc-token-verifier.js';
import { pressInProcess } from '../harness/crowd.js';
import { SCOPE } from './installation.js';

const { BENCH_VERIFIER: verifierUrl = '', BENCH_SERVICE_KEY: serviceKey, BENCH_TOKENS = '[]', BENCH_CACHE } = process.env;
const tokens = JSON.parse(BENCH_TOKENS) as readonly string[];
const guard = new GrpcTokenVerifier({ verifierUrl, serviceKey, ...(BENCH_CACHE === 'off' && { cache: false as const }) });
guard.onModuleInit();

function verify(token: string): unknown {
  const question = new TokenInquiry(token, [SCOPE], '', '192.0.2.1', '', 1);
  const kept = guard.judgeKept(question);
  if (kept === null) return ask(question);
  assertValid(kept);
  return undefined;
}

async function ask(question: TokenInquiry): Promise<void> {
  assertValid((await guard.verify(question)).verdict);
}

function assertValid({ code }: { readonly code: string }): void {
  if (code !== 'VALID') throw new Error(`answered with ${code}`);
}

const times = { warmUpMs: Number(process.env['BENCH_WARM_UP_MS']), ms: Number(process.env['BENCH_MS']) };
// The session opens meanwhile.
await Promise.all(tokens.map(verify));
await pause(500);
process.stdout.write(`${JSON.stringify(await pressInProcess(tokens, verify, times))}\n`);
guard.onApplicationShutdown();
