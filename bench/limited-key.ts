/*
 * What it costs that a key has limits: VerifyToken of one that is counted at every call against one of the same key without
 * limits, which is answered from memory.
 */
import { h2loadVersion } from './harness/h2load.js';
import { inTurn } from './harness/pairs.js';
import { LOAD_MEASURES, repeat } from './harness/repetition.js';
import { machineFacts, pairTable } from './harness/report.js';
import { effort, print, runBench } from './harness/run.js';
import { onStage, postgresVersion, type Stage, withDatabase } from './harness/stage.js';
import { tokenWorkload } from './harness/token-workload.js';
import { verifier } from './servers/contestants.js';
import { installation } from './servers/installation.js';

/** So many that what is left of them takes as many bytes in the last answer as in the first. */
const LIMITS = { rateLimits: [{ name: 'month', limit: 1_000_000_000, windowSeconds: 2_678_400 }] };

const { repetitions, seconds, warmUpSeconds } = effort({ repetitions: 5, seconds: 5, warmUpSeconds: 2 });

async function compareOn(stage: Stage, h2load: string): Promise<void> {
  const installed = await installation(stage.databaseUrl, stage.directory, { fieldsOf: (key) => (key === 0 ? LIMITS : {}) });
  const [limited = '', free = ''] = installed.tokens;
  const ours = verifier(installed);
  const postgres = await withDatabase(stage.databaseUrl, postgresVersion);
  print(machineFacts({ h2load, postgres }));
  print(`${repetitions} repetitions of ${seconds} s; one key of ${installed.tokens.length} each.`);
  const load = { warmUpSeconds, seconds };
  const [counted, remembered] = [await tokenWorkload(installed, limited, load), await tokenWorkload(installed, free, load)];
  const pair = await inTurn(
    () => repeat(ours, counted),
    () => repeat(ours, remembered),
    repetitions,
  );
  print(pairTable(['with a rate limit', 'without limits'], pair, LOAD_MEASURES));
}

await runBench(async () => {
  const h2load = h2loadVersion();
  await onStage((stage) => compareOn(stage, h2load));
});
