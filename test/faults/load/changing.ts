import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../chaos/random.js';
import type { Checker } from '../history/checker.js';
import type { Write } from '../history/write.js';
import type { AdminCalls, CallOutcome } from './admin-calls.js';
import type { KeyChange } from './changes.js';
import type { WatchedKey } from './watched-key.js';

/** Most callers wait; some give up while the admin is still at it. */
const PATIENCE_MS = [1_000, 4_000, 10_000, 10_000];
const PAUSE_MS = 150;

/** A change that is in force. */
export interface Made {
  /** How that was known: `acknowledgement`, `lease`, or `gone`. */
  readonly by: string;
  /** Milliseconds that its last call took. */
  readonly ms: number;
}

/** Makes changes by any of the admins, and repeats each until it is known to be in force. */
export class Changing {
  readonly counts = new Map<string, number>();

  constructor(
    private readonly calls: AdminCalls,
    private readonly hosts: readonly string[],
    private readonly checker: Checker,
  ) {}

  /** Null: it was refused, or told to stop before it was known. */
  async make(key: WatchedKey, change: KeyChange, random: Random, stopped: AbortSignal): Promise<Made | null> {
    while (!stopped.aborted) {
      const began = performance.now();
      const outcome = await this.attempt(key, change, random.pick(this.hosts), random.pick(PATIENCE_MS));
      const ms = performance.now() - began;
      if (outcome.kind === 'in force') return { by: outcome.by, ms };
      if (outcome.kind === 'gone') return { by: 'gone', ms };
      if (outcome.kind === 'refused') return null;
      await sleep(PAUSE_MS, undefined, { signal: stopped }).catch(() => undefined);
    }
    return null;
  }

  /** A new key; null: told to stop before there was one. */
  async mint(random: Random, stopped: AbortSignal): Promise<WatchedKey | null> {
    while (!stopped.aborted) {
      const key = await this.calls.mint(random.pick(this.hosts), random.pick(PATIENCE_MS));
      if (key !== null) return key;
      await sleep(PAUSE_MS, undefined, { signal: stopped }).catch(() => undefined);
    }
    return null;
  }

  /** One call, whose outcome becomes part of the key's history. */
  async attempt(key: WatchedKey, change: KeyChange, host: string, limitMs: number): Promise<CallOutcome> {
    const { what, trait, value, call } = change;
    const write = key.history.write(trait, value, `${what} by ${host}`, performance.now());
    const outcome = await this.calls.change(host, key.id, call, limitMs);
    this.#count(outcome);
    note(write, outcome, performance.now());
    if (outcome.kind === 'gone' && trait !== 'deleted') this.checker.fail(`${what}: no such key\n${key.history.toString()}`);
    return outcome;
  }

  #count(outcome: CallOutcome): void {
    const name = outcome.kind === 'in force' ? `in force by ${outcome.by}` : outcome.kind;
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }
}

function note(write: Write, outcome: CallOutcome, at: number): void {
  switch (outcome.kind) {
    case 'in force':
      write.returned(at, `returned by ${outcome.by}`);
      return;
    case 'gone':
      write.returned(at, 'there is no such key');
      return;
    case 'unconfirmed':
      write.unconfirmed(at);
      return;
    case 'not made':
    case 'refused':
      write.withdraw();
      return;
    case 'unknown':
      write.lost(outcome.why);
  }
}
