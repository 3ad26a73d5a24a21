/*
 * What a warm verification costs beside the least that any gRPC server in Node could cost: VerifyToken against a
 * no-op, on the codecs of proto-loader and on hand-written ones.
 */
import { h2loadVersion } from './harness/h2load.js';
import { inTurn } from './harness/pairs.js';
import { LOAD_MEASURES, type Measured, repeat } from './harness/repetition.js';
import { machineFacts, type Measure, pairTable } from './harness/report.js';
import { effort, print, runBench } from './harness/run.js';
import { onStage, postgresVersion, type Stage, withDatabase } from './harness/stage.js';
import { tokenWorkload } from './harness/token-workload.js';
import { leanNoOp, noOp, verifier } from './servers/contestants.js';
import { installation } from './servers/installation.js';

const MEASURES: readonly Measure<Measured>[] = [
  ...LOAD_MEASURES,
  { title: 'resident memory afterwards, MiB', of: ({ residentMiB }) => residentMiB },
];

const { repetitions, seconds, warmUpSeconds } = effort({ repetitions: 5, seconds: 5, warmUpSeconds: 4 });

async function compareOn(stage: Stage, h2load: string): Promise<void> {
  const installed = await installation(stage.databaseUrl, stage.directory);
  const token = installed.tokens[Math.floor(installed.tokens.length / 2)] ?? '';
  const ours = verifier(installed);
  const workload = await tokenWorkload(installed, token, { warmUpSeconds, seconds });
  const { answer } = workload;
  const postgres = await withDatabase(stage.databaseUrl, postgresVersion);
  print(machineFacts({ h2load, postgres }));
  print(
    `${repetitions} repetitions of ${seconds} s; every answer of ${answer.length} bytes, one key of ${installed.tokens.length}.`,
  );
  for (const floor of [noOp(answer), leanNoOp(answer)]) {
    const pair = await inTurn(
      () => repeat(ours, workload),
      () => repeat(floor, workload),
      repetitions,
    );
    print(pairTable([ours.name, floor.name], pair, MEASURES));
  }
}

await runBench(async () => {
  const h2load = h2loadVersion();
  await onStage((stage) => compareOn(stage, h2load));
});
