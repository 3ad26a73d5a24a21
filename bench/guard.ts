/*
 * What a guard costs in the process of its service: verifications a second from its warm cache on one core, and how
 * much asking together saves it when nothing is kept, 64 requests at a time.
 */
import { credentials, Metadata } from '@grpc/grpc-js';
import { setTimeout as pause } from 'node:timers/promises';
import { TokenInquiry } from '#libs/api-key-auth';
import { TokenVerifierServiceClient, VerificationCode, type VerifyTokenRequest } from '#libs/contract';
import { ApiKeyAuthenticator } from '../libs/api-key-auth/src/api-key-authenticator.js';
import { GrpcTokenVerifier } from '../libs/api-key-auth/src/grpc/grpc-token-verifier.js';
import { pressInProcess } from './harness/crowd.js';
import { inTurn } from './harness/pairs.js';
import { questionAbout } from './harness/questions.js';
import { CROWD } from './harness/repetition.js';
import { figureTable, machineFacts, type Measure, pairTable } from './harness/report.js';
import { effort, print } from './harness/run.js';
import { onStage, type Stage } from './harness/stage.js';
import { verifier } from './servers/contestants.js';
import { type Installation, installation, SCOPE } from './servers/installation.js';

const KEPT_WITHIN_MS = 10_000;
const DEMANDS = { requiredScopes: [SCOPE], productId: '', cost: 1 };

const { repetitions, seconds, warmUpSeconds } = effort({ repetitions: 5, seconds: 3, warmUpSeconds: 2 });

/** All of a request that a guard looks at. */
function requestWith(token: string) {
  const headers = { authorization: `Bearer ${token}` };
  return { headers, rawHeaders: ['Authorization', headers.authorization], socket: { remoteAddress: '192.0.2.1' } };
}

async function measureOn(stage: Stage): Promise<void> {
  const installed = await installation(stage.databaseUrl, stage.directory);
  print(machineFacts({}));
  print(`${repetitions} repetitions of ${seconds} s; ${installed.tokens.length} keys in turn.`);
  const rows: number[][] = [];
  while (rows.length < repetitions) rows.push(await onVerifier(installed, (url) => fromCache(installed, url)));
  print(
    figureTable(['from the cache, authenticate to verdict: verifications a second', 'the same a second of processor time'], rows),
  );
  const MEASURES: readonly Measure<number>[] = [{ title: `verifications a second, ${CROWD} at a time`, of: (rate) => rate }];
  const pair = await inTurn(
    () => onVerifier(installed, (url) => together(installed, url)),
    () => onVerifier(installed, (url) => oneByOne(installed, url)),
    repetitions,
  );
  print(pairTable(['batching', 'a call each'], pair, MEASURES));
}

async function onVerifier<Result>(installed: Installation, use: (url: string) => Promise<Result>): Promise<Result> {
  const server = await verifier(installed).start();
  try {
    return await use(server.url);
  } finally {
    await server.stop();
  }
}

/** Every request is judged from its headers on: the token read, hashed, its key found, and judged. */
async function fromCache({ tokens, serviceKey }: Installation, verifierUrl: string): Promise<number[]> {
  const guard = new GrpcTokenVerifier({ verifierUrl, serviceKey });
  guard.onModuleInit();
  try {
    const authenticator = new ApiKeyAuthenticator(guard, {});
    const requests = tokens.map(requestWith);
    const judge = (request: ReturnType<typeof requestWith>) =>
      authenticator.recall(authenticator.tokenOf(request), request, DEMANDS) !== null;
    const deadline = Date.now() + KEPT_WITHIN_MS;
    while (!requests.every(judge)) {
      if (Date.now() > deadline) throw new Error('the guard keeps nothing');
      const questions = tokens.map((token) => new TokenInquiry(token, [SCOPE], '', '192.0.2.1', '', 1));
      await Promise.all(questions.map((question) => guard.verify(question)));
      await pause(50);
    }
    const rounds = async (ms: number) => {
      const [began, usedBefore] = [performance.now(), process.cpuUsage()];
      let judged = 0;
      while (performance.now() - began < ms) {
        for (const request of requests) if (judge(request)) judged += 1;
        // The session's renewals want to be read.
        await new Promise(setImmediate);
      }
      const { user, system } = process.cpuUsage(usedBefore);
      return [judged / ((performance.now() - began) / 1000), judged / ((user + system) / 1e6)];
    };
    await rounds(warmUpSeconds * 1000);
    return await rounds(seconds * 1000);
  } finally {
    guard.onApplicationShutdown();
  }
}

async function together({ tokens, serviceKey }: Installation, verifierUrl: string): Promise<number> {
  const guard = new GrpcTokenVerifier({ verifierUrl, serviceKey, cache: false });
  guard.onModuleInit();
  try {
    return await crowd(tokens, async (token) => {
      const { verdict } = await guard.verify(new TokenInquiry(token, [SCOPE], '', '192.0.2.1', '', 1));
      if (verdict.code !== 'VALID') throw new Error(`answered with ${verdict.code}`);
    });
  } finally {
    guard.onApplicationShutdown();
  }
}

async function oneByOne({ tokens, serviceKey }: Installation, verifierUrl: string): Promise<number> {
  const client = new TokenVerifierServiceClient(new URL(verifierUrl).host, credentials.createInsecure());
  const metadata = new Metadata();
  metadata.set('authorization', `Bearer ${serviceKey}`);
  const ask = (request: VerifyTokenRequest) =>
    new Promise<void>((resolve, reject) => {
      client.verifyToken(request, metadata, { deadline: Date.now() + 2_000 }, (error, answer) => {
        if (error !== null) reject(error);
        else if (answer.code === VerificationCode.VERIFICATION_CODE_VALID) resolve();
        else reject(new Error(`answered with ${answer.code}`));
      });
    });
  try {
    return await crowd(tokens, (token) => ask(questionAbout(token)));
  } finally {
    client.close();
  }
}

async function crowd(tokens: readonly string[], verify: (token: string) => Promise<void>): Promise<number> {
  return (await pressInProcess(tokens, verify, { warmUpMs: warmUpSeconds * 1000, ms: seconds * 1000 })).perSecond;
}

await onStage(measureOn);
