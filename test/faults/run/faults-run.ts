import { setTimeout as sleep } from 'node:timers/promises';
import { round } from '../chaos/round.js';
import type { Tally } from '../load/verifications.js';
import { recovery } from './recovery.js';
import type { Trial } from './trial.js';

export interface FaultsOptions {
  /** Of the first round; each further one has the next. */
  readonly seed: number;
  readonly seconds: number;
  readonly tell: (line: string) => void;
  /** Seconds between two lines about how it goes. */
  readonly tellEvery: number;
}

export interface FaultsSummary {
  readonly rounds: number;
  readonly faults: ReadonlyMap<string, number>;
  readonly verifications: Readonly<Tally>;
  readonly changes: ReadonlyMap<string, number>;
  /** Milliseconds that the slowest recovery of a round took. */
  readonly slowestRecoveryMs: number;
  readonly violations: number;
  readonly reports: readonly string[];
}

/** Between rounds nothing is broken: what was on its way arrives, or never will. */
const SETTLING_MS = 3_000;

/** Rounds of faults, until the time is up or a round leaves something broken. */
export async function runFaults(trial: Trial, options: FaultsOptions): Promise<FaultsSummary> {
  const { seed, seconds, tell, tellEvery } = options;
  const faults = new Map<string, number>();
  const summary = (rounds: number, slowestRecoveryMs: number): FaultsSummary => ({
    rounds,
    faults,
    verifications: trial.verifications.tally,
    changes: trial.changing.counts,
    slowestRecoveryMs,
    violations: trial.checker.violations,
    reports: trial.checker.reports,
  });
  let rounds = 0;
  let slowest = 0;
  const end = performance.now() + seconds * 1_000;
  for (let nextTold = performance.now(); performance.now() < end; rounds += 1) {
    const happened = await round(trial.cluster, seed + rounds);
    for (const name of happened) faults.set(kindOf(name), (faults.get(kindOf(name)) ?? 0) + 1);
    const over = performance.now();
    const { ms, missing } = await recovery(trial);
    slowest = Math.max(slowest, ms);
    if (missing !== null) {
      trial.checker.fail(`round ${seed + rounds} (${happened.join(', ')}): after ${ms.toFixed(0)} ms ${missing}`);
      break;
    }
    await sleep(Math.max(0, SETTLING_MS - ms));
    const now = performance.now();
    for (const { history } of trial.actors.keys) history.settle(over, now);
    for (const one of trial.cluster.processes) one.trim();
    if (now < nextTold) continue;
    tell(`next seed ${seed + rounds + 1}: ${told(summary(rounds + 1, slowest))}`);
    nextTold += tellEvery * 1_000;
  }
  return summary(rounds, slowest);
}

/** `guard-2 to verifier-1 cut` is one of `guard to verifier cut`. */
function kindOf(fault: string): string {
  return fault.replaceAll(/-\d+/g, '');
}

/** In one line. */
export function told({ rounds, faults, verifications, changes, slowestRecoveryMs, violations }: FaultsSummary): string {
  const { verdict, unavailable, lost } = verifications;
  const sum = [...faults.values()].reduce((total, count) => total + count, 0);
  const made = [...changes].map(([how, count]) => `${count} ${how}`).join(', ');
  return [
    `${rounds} rounds, ${sum} faults`,
    `${verdict} verdicts, ${unavailable} unavailable, ${lost} lost`,
    `changes: ${made}`,
    `slowest recovery ${(slowestRecoveryMs / 1_000).toFixed(1)} s`,
    `${violations} violations`,
  ].join('; ');
}
