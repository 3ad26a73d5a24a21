import type { ChangeScope, FollowingMemory, LoggedChange, Road } from '#libs/key-domain';
import { type Fate, ScriptedLog } from '../log/scripted-log.fixture.js';
import { ProcessTime, VirtualTime } from '../log/virtual-time.fixture.js';
import type { Audience } from './audience.js';
import { LogFollower } from './log-follower.js';

export const KEY: ChangeScope = { kind: 'key', accountId: 'acc', keyId: 'key' };

/** Neither what is sent nor what comes back gets through. */
export const lost: Fate = { there: null, back: null };

/** What a memory was told: numbers of changes; a new list each time everything was to be forgotten. */
export class Told implements FollowingMemory {
  lives: number[][] = [[]];
  inquired: number[] = [];

  forget({ number }: LoggedChange, road: Road): void {
    if (road === 'log') this.lives.at(-1)?.push(number);
    else this.inquired.push(number);
  }

  forgetEverything(): void {
    this.lives.push([]);
  }
}

export class Guards implements Audience {
  numbers: number[] = [];
  silent = true;
  stale = 0;
  #listener = () => undefined as unknown;

  unconfirmed(): readonly number[] {
    return this.numbers;
  }

  isSilent(): boolean {
    return this.silent;
  }

  staleGuards(): number {
    return this.stale;
  }

  onConfirmed(listener: () => void): void {
    this.#listener = listener;
  }

  confirm(): void {
    this.numbers = [];
    this.#listener();
  }

  keepStale(count: number): void {
    this.stale = count;
    this.#listener();
  }
}

/** A follower that has begun, of a log on a clock of its own. */
export function start({ rate = 1, delay = 1 }: { readonly rate?: number; readonly delay?: number } = {}) {
  const truth = new VirtualTime();
  const time = new ProcessTime(truth, rate);
  const log = new ScriptedLog(truth);
  log.fate = () => ({ there: delay, back: delay });
  const guards = new Guards();
  const told = new Told();
  const troubles: unknown[] = [];
  let members = 0;
  const follower = new LogFollower(log, {
    time,
    newMemberId: () => `m${(members += 1)}`,
    audience: guards,
    onTrouble: (error) => troubles.push(error),
  });
  follower.follow(told);
  follower.start();
  return { truth, time, log, guards, told, troubles, follower };
}
