/*
 * A verification in the process of a service, as others have it: better-auth's verifyApiKey and a guard made by hand,
 * both on the same Postgres, beside Mintmark's guard with its warm cache, and with nothing kept, which asks a verifier.
 * 64 requests at a time, each contestant in a process of its own, in turn.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { CrowdResult } from './harness/crowd.js';
import { machineFacts, peerTable } from './harness/report.js';
import { effort, print } from './harness/run.js';
import { onStage, postgresVersion, type Stage, withDatabase } from './harness/stage.js';
import { verifier } from './servers/contestants.js';
import { type Installation, installation, KEYS } from './servers/installation.js';

const { repetitions, seconds, warmUpSeconds } = effort({ repetitions: 5, seconds: 4, warmUpSeconds: 3 });

/** To make its keys, beside the load itself. */
const PREPARATION_LIMIT_MS = 60_000;

interface Peer {
  readonly name: string;
  readonly script: string;
  readonly environment: Readonly<Record<string, string>>;
}

async function compareOn(stage: Stage): Promise<void> {
  const installed = await installation(stage.databaseUrl, stage.directory);
  const server = await verifier(installed).start();
  try {
    const peers = peersOn(stage, installed, server.url);
    print(machineFacts({ postgres: await withDatabase(stage.databaseUrl, postgresVersion) }));
    print(`${repetitions} repetitions of ${seconds} s; ${KEYS} keys in turn, 64 requests at a time.`);
    const found = new Map<string, CrowdResult[]>(peers.map(({ name }) => [name, []]));
    for (let repetition = 0; repetition < repetitions; repetition += 1) {
      for (const peer of repetition % 2 === 0 ? peers : [...peers].reverse()) found.get(peer.name)?.push(await run(peer));
    }
    print(peerTable([...found].map(([name, results]) => ({ name, rates: results.map(({ perSecond }) => perSecond) }))));
  } finally {
    await server.stop();
  }
}

/** The first is what the others are compared with. */
function peersOn({ databaseUrl }: Stage, { serviceKey, tokens }: Installation, verifierUrl: string): readonly Peer[] {
  const own = { BENCH_VERIFIER: verifierUrl, BENCH_SERVICE_KEY: serviceKey, BENCH_TOKENS: JSON.stringify(tokens) };
  const other = { BENCH_DATABASE_URL: databaseUrl, BENCH_KEYS: String(KEYS) };
  return [
    { name: 'Mintmark, warm cache', script: 'dist/bench/servers/own-guard.js', environment: { ...own, BENCH_CACHE: 'warm' } },
    { name: 'Mintmark, nothing kept', script: 'dist/bench/servers/own-guard.js', environment: { ...own, BENCH_CACHE: 'off' } },
    { name: 'SHA-256 and findOne', script: 'dist/bench/servers/hand-made-guard.js', environment: other },
    { name: 'better-auth', script: 'bench/peers/better-auth.mjs', environment: other },
  ];
}

async function run({ script, environment }: Peer): Promise<CrowdResult> {
  const times = { BENCH_WARM_UP_MS: String(warmUpSeconds * 1000), BENCH_MS: String(seconds * 1000) };
  const { stdout } = await promisify(execFile)(process.execPath, [script], {
    env: { PATH: process.env['PATH'], NODE_ENV: 'production', ...environment, ...times },
    timeout: PREPARATION_LIMIT_MS + (seconds + warmUpSeconds) * 1000,
  });
  return JSON.parse(stdout) as CrowdResult;
}

await onStage(compareOn);
