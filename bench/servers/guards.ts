/*
 * Guards that hold what they are told to verify, three for each verifier, in one process: no service shares its
 * process with others in earnest, but a machine of two cores can't run nine.
 * BENCH_VERIFIERS: their URLs, separated by commas. BENCH_SERVICE_KEY. Over IPC: a token, answered once every guard has
 * judged it, with how many judged it by what they keep and the verdicts' codes.
 */
import { TokenInquiry, type TokenVerifier } from '#libs/api-key-auth';
import { GrpcTokenVerifier } from '../../libs/api-key-auth/src/grpc/grpc-token-verifier.js';
import type { GuardsAnswer } from '../harness/guards-process.js';
import { SCOPE } from './installation.js';

const GUARDS_OF_A_VERIFIER = 3;

const guards = (process.env['BENCH_VERIFIERS'] ?? '').split(',').flatMap((verifierUrl) =>
  Array.from({ length: GUARDS_OF_A_VERIFIER }, () => {
    const guard = new GrpcTokenVerifier({ verifierUrl, serviceKey: process.env['BENCH_SERVICE_KEY'] });
    guard.onModuleInit();
    return guard;
  }),
);

async function judge(guard: TokenVerifier, token: string): Promise<{ readonly code: string; readonly kept: boolean }> {
  const question = new TokenInquiry(token, [SCOPE], '', '', '', 1);
  const kept = guard.judgeKept?.(question) ?? null;
  return { code: (kept ?? (await guard.verify(question)).verdict).code, kept: kept !== null };
}

process.on('message', (token: string) => {
  void Promise.all(guards.map((guard) => judge(guard, token))).then((verdicts) => {
    const answer: GuardsAnswer = {
      codes: verdicts.map(({ code }) => code),
      kept: verdicts.filter(({ kept }) => kept).length,
    };
    process.send?.(answer);
  });
});
process.once('disconnect', () => {
  for (const guard of guards) guard.onApplicationShutdown();
});
