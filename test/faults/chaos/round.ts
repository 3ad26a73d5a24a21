import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from '../cluster/cluster.js';
import { type Fault, nextFault } from './faults.js';
import { Random } from './random.js';

/** The time within which a round's faults begin; some last longer. */
const ROUND_MS = 5_000;
const FEWEST = 3;
const MOST = 8;

/**
 * Some faults, several of them at once, at times that the seed decides.
 * @returns what went wrong, when all of it is over
 */
export async function round(cluster: Cluster, seed: number): Promise<readonly string[]> {
  const random = new Random(seed);
  const planned = Array.from({ length: random.count(FEWEST, MOST) }, () => ({
    at: random.between(0, ROUND_MS),
    fault: nextFault(cluster, random),
  }));
  const victims = new Set<string>();
  const done = planned.map(async ({ at, fault }) => {
    await sleep(at);
    return happen(fault, victims);
  });
  return (await Promise.all(done)).filter((name) => name !== null);
}

async function happen(fault: Fault, victims: Set<string>): Promise<string | null> {
  const { kind, victim } = fault;
  if (victims.has(victim)) return null;
  victims.add(victim);
  await fault.work();
  victims.delete(victim);
  return `${victim} ${kind}`;
}
