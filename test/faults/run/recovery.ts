import { setTimeout as sleep } from 'node:timers/promises';
import { ENDINGS } from '../load/changes.js';
import type { Trial } from './trial.js';

/** Milliseconds after the last fault has ended. */
const RECOVERY_LIMIT_MS = 10_000;
const QUICK_MS = 1_000;
const PAUSE_MS = 100;
const [REVOKE] = ENDINGS;

export interface Recovery {
  /** Milliseconds until everybody answered and a revocation was quick. */
  readonly ms: number;
  /** What was not well yet when the time was up; null: all was. */
  readonly missing: string | null;
}

/**
 * Waits until every admin issues keys, every target answers, and a revocation comes into force by acknowledgement in
 * less than a second: all of it by itself.
 */
export async function recovery(trial: Trial): Promise<Recovery> {
  const began = performance.now();
  for (;;) {
    const missing = await missingNow(trial);
    const ms = performance.now() - began;
    if (missing === null || ms > RECOVERY_LIMIT_MS) return { ms, missing };
    await sleep(PAUSE_MS);
  }
}

async function missingNow(trial: Trial): Promise<string | null> {
  for (const host of trial.adminHosts) {
    const missing = await missingOf(trial, host);
    if (missing !== null) return missing;
  }
  return null;
}

async function missingOf({ calls, changing, targets, verifications }: Trial, host: string): Promise<string | null> {
  const key = await calls.mint(host, RECOVERY_LIMIT_MS);
  if (key === null) return `the admin at ${host} issues no key`;
  const asked = targets.map(async (target) => ((await verifications.ask(target, key)).kind === 'verdict' ? null : target.name));
  const silent = (await Promise.all(asked)).filter((name) => name !== null);
  if (silent.length > 0) return `${silent.join(' and ')} did not answer`;
  if (REVOKE === undefined) throw new Error('there is no ending');
  const sent = performance.now();
  const outcome = await changing.attempt(key, REVOKE, host, RECOVERY_LIMIT_MS);
  const ms = performance.now() - sent;
  if (outcome.kind !== 'in force') return `a revocation by ${host} ended "${outcome.kind}"`;
  verifications.probe(key);
  return outcome.by === 'acknowledgement' && ms < QUICK_MS
    ? null
    : `a revocation by ${host} took ${ms.toFixed(0)} ms, by ${outcome.by}`;
}
