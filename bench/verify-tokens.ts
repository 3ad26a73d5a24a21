/*
 * What asking together saves a verifier: verifications a second by VerifyTokens of 1,000 digests, against those by
 * VerifyToken, all from memory, on the same process each time.
 */
import { VerifyTokenRequest, VerifyTokensRequest } from '#libs/contract';
import { Sampler } from './harness/grpc-sample.js';
import { h2loadVersion } from './harness/h2load.js';
import { inTurn } from './harness/pairs.js';
import { questionAbout } from './harness/questions.js';
import { CROWD, type Measured, repeat, type Workload } from './harness/repetition.js';
import { machineFacts, type Measure, pairTable } from './harness/report.js';
import { effort, print, runBench } from './harness/run.js';
import { onStage, postgresVersion, type Stage, withDatabase } from './harness/stage.js';
import { verifier } from './servers/contestants.js';
import { type Installation, installation, KEYS } from './servers/installation.js';

/** Batches in flight at once: two are always waiting. */
const BATCHES = 4;

interface Verifications {
  readonly perSecond: number;
  readonly cpuUs: number;
}

const MEASURES: readonly Measure<Verifications>[] = [
  { title: 'verifications a second', of: ({ perSecond }) => perSecond },
  { title: 'processor time of the server a verification, µs', of: ({ cpuUs }) => cpuUs },
];

const { repetitions, seconds, warmUpSeconds } = effort({ repetitions: 5, seconds: 5, warmUpSeconds: 4 });

async function compareOn(stage: Stage, h2load: string): Promise<void> {
  const installed = await installation(stage.databaseUrl, stage.directory);
  const questions = installed.tokens.map(questionAbout);
  const batch = { requests: questions, guardSessionId: '' };
  const [one] = questions;
  if (one === undefined) throw new Error('no key');
  const lengths = await answerLengths(installed, one, batch);
  const ours = verifier(installed);
  const together: Workload = {
    ...workload(installed, 'VerifyTokens', VerifyTokensRequest.encode(batch).finish(), lengths.batch, BATCHES),
    check: (url) => new Sampler(url, installed.serviceKey).many(batch),
  };
  const each: Workload = {
    ...workload(installed, 'VerifyToken', VerifyTokenRequest.encode(one).finish(), lengths.one, CROWD),
    check: (url) => new Sampler(url, installed.serviceKey).one(one),
  };
  const postgres = await withDatabase(stage.databaseUrl, postgresVersion);
  print(machineFacts({ h2load, postgres }));
  print(`${repetitions} repetitions of ${seconds} s; ${BATCHES} batches of ${KEYS} keys at a time, ${CROWD} single calls.`);
  const pair = await inTurn(
    async () => verifications(await repeat(ours, together), KEYS),
    async () => verifications(await repeat(ours, each), 1),
    repetitions,
  );
  print(pairTable(['VerifyTokens', 'VerifyToken'], pair, MEASURES));
}

function verifications({ crowd, cpuUsOfCall }: Measured, ofCall: number): Verifications {
  return { perSecond: crowd.requestsPerSecond * ofCall, cpuUs: cpuUsOfCall / ofCall };
}

async function answerLengths(installed: Installation, one: VerifyTokenRequest, batch: VerifyTokensRequest) {
  const server = await verifier(installed).start();
  try {
    const sampler = new Sampler(server.url, installed.serviceKey);
    return { one: (await sampler.one(one)).length, batch: (await sampler.many(batch)).length };
  } finally {
    await server.stop();
  }
}

function workload(
  { serviceKey }: Installation,
  method: 'VerifyToken' | 'VerifyTokens',
  request: Uint8Array,
  answerBytes: number,
  crowd: number,
): Omit<Workload, 'check'> {
  return {
    loadFor: (serverUrl) => ({
      serverUrl,
      method: `mintmark.v1.TokenVerifierService/${method}`,
      metadata: { authorization: `Bearer ${serviceKey}` },
      request,
      answerBytes,
    }),
    crowd,
    warmUpSeconds,
    seconds,
  };
}

await runBench(async () => {
  const h2load = h2loadVersion();
  await onStage((stage) => compareOn(stage, h2load));
});
