/*
 * What a verification costs beside the least that any gRPC server in Node could cost: VerifyToken against a
 * no-op, and against a no-op that reads one row. Prints Markdown for docs/performance.md on standard output.
 */
import { parseArgs } from 'node:util';
import { VerifyTokenRequest, VerifyTokenResponse } from '#libs/contract';
import { tokenSha256 } from '#libs/key-domain';
import { sampleCalls } from './harness/grpc-sample.js';
import { H2loadError } from './harness/h2load-report.js';
import { h2loadVersion } from './harness/h2load.js';
import { inTurn } from './harness/pairs.js';
import { type Contestant, CROWD, type Measured, repeat, type Workload } from './harness/repetition.js';
import { machineFacts, type Measure, pairTable } from './harness/report.js';
import { onStage, postgresVersion, type Stage, withDatabase } from './harness/stage.js';
import { noOp, noOpWithSelect, verifyToken } from './servers/contestants.js';
import { type Installation, installation, SCOPE } from './servers/installation.js';
import { prepareProbe } from './servers/select-probe.js';

const MEASURES: readonly Measure<Measured>[] = [
  { title: 'p50 of one call at a time, ms', of: ({ alone }) => alone.p50Ms },
  { title: 'p99 of one call at a time, ms', of: ({ alone }) => alone.p99Ms },
  { title: `calls a second, ${CROWD} at a time`, of: ({ crowd }) => crowd.requestsPerSecond },
  { title: `p50 of ${CROWD} at a time, ms`, of: ({ crowd }) => crowd.p50Ms },
  { title: `p99 of ${CROWD} at a time, ms`, of: ({ crowd }) => crowd.p99Ms },
  { title: 'resident memory afterwards, MiB', of: ({ residentMiB }) => residentMiB },
];

const { values: options } = parseArgs({
  options: {
    repetitions: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '5' },
    'warm-up': { type: 'string', default: '3' },
  },
});

async function compareOn(stage: Stage, h2load: string): Promise<void> {
  const installed = await installation(stage.databaseUrl, stage.directory);
  const request = questionTo(installed);
  const answer = await answerOf(verifyToken(installed), installed, request);
  const postgres = await withDatabase(stage.databaseUrl, async (client) => {
    await prepareProbe(client, installed.tokens.map(tokenSha256), VerifyTokenResponse.decode(answer));
    return postgresVersion(client);
  });
  const workload = workloadOf(installed, request, answer.length);
  print(machineFacts({ h2load, postgres }));
  print(
    `${options.repetitions} repetitions of ${options.seconds} s; every answer of ${answer.length} bytes, one key of ${installed.tokens.length}.`,
  );
  for (const floor of [noOp(answer), noOpWithSelect(answer, stage.databaseUrl)]) {
    const ours = verifyToken(installed);
    const pair = await inTurn(
      () => repeat(ours, workload),
      () => repeat(floor, workload),
      Number(options.repetitions),
    );
    print(pairTable([ours.name, floor.name], pair, MEASURES));
  }
}

/** What a guard sends: the digest of one token, and the scope of its route. */
function questionTo({ tokens }: Installation): VerifyTokenRequest {
  const token = tokens[Math.floor(tokens.length / 2)] ?? '';
  return {
    ...VerifyTokenRequest.decode(new Uint8Array()),
    credential: { $case: 'tokenSha256', value: tokenSha256(token) },
    requiredScopes: [SCOPE],
  };
}

async function answerOf(contestant: Contestant, { serviceKey }: Installation, request: VerifyTokenRequest): Promise<Buffer> {
  const server = await contestant.start();
  try {
    return await sampleCalls(server.url, serviceKey, request);
  } finally {
    await server.stop();
  }
}

/** The service key stands in h2load's arguments, where others on the machine can read it: it opens this database alone. */
function workloadOf({ serviceKey }: Installation, request: VerifyTokenRequest, answerBytes: number): Workload {
  return {
    loadFor: (serverUrl) => ({
      serverUrl,
      method: 'mintmark.v1.TokenVerifierService/VerifyToken',
      metadata: { authorization: `Bearer ${serviceKey}` },
      request: VerifyTokenRequest.encode(request).finish(),
      answerBytes,
    }),
    check: (serverUrl) => sampleCalls(serverUrl, serviceKey, request),
    warmUpSeconds: Number(options['warm-up']),
    seconds: Number(options.seconds),
  };
}

function print(paragraph: string): void {
  process.stdout.write(`${paragraph}\n\n`);
}

try {
  const h2load = h2loadVersion();
  await onStage((stage) => compareOn(stage, h2load));
} catch (error) {
  if (!(error instanceof H2loadError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
