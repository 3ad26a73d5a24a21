import { setTimeout as sleep } from 'node:timers/promises';
import type { Checker } from '../history/checker.js';
import type { Target, TargetAnswer } from './target.js';
import type { WatchedKey } from './watched-key.js';

/** How often something was answered, by kind of answer. */
export type Tally = Record<TargetAnswer['kind'], number>;

export function newTally(): Tally {
  return { verdict: 0, unavailable: 0, lost: 0, unexpected: 0 };
}

/** Questions of an actor that may be on their way to one target, beside the steady ones. */
const PROBES_AT_ONCE = 30;

/** Asks targets about keys and hands what they say to the checker. */
export class Verifications {
  readonly #probing = new Map<Target, number>();
  #tally = newTally();

  constructor(
    private readonly targets: readonly Target[],
    private readonly checker: Checker,
  ) {}

  get tally(): Readonly<Tally> {
    return this.#tally;
  }

  /** Asks one target about a key; the answer is judged as soon as it has come. */
  async ask(target: Target, { token, history }: WatchedKey): Promise<TargetAnswer> {
    const sentWall = Date.now();
    const sent = performance.now();
    const answer = await target.ask(token);
    const answered = performance.now();
    this.#tally[answer.kind] += 1;
    if (answer.kind === 'unexpected') this.checker.fail(`${target.name} answered ${answer.what}\n${history.toString()}`);
    if (answer.kind === 'verdict') {
      const wall = { sent: sentWall, answered: Date.now() };
      this.checker.judge(history, { by: target.name, sent, answered, wall, verdicts: answer.verdicts });
    }
    return answer;
  }

  /** Asks every target at once, without waiting: right after a change is when memories are put to the test. */
  probe(key: WatchedKey): void {
    for (const target of this.targets) {
      const probing = this.#probing.get(target) ?? 0;
      if (probing >= PROBES_AT_ONCE) continue;
      this.#probing.set(target, probing + 1);
      void this.ask(target, key).finally(() => this.#probing.set(target, (this.#probing.get(target) ?? 1) - 1));
    }
  }

  /** Asks every target steadily until stopped. @param pick the key to ask about next; null: none now */
  async steadily(pick: () => WatchedKey | null, load: SteadyLoad, stopped: AbortSignal): Promise<void> {
    const ask = async (target: Target) => {
      while (!stopped.aborted) {
        const key = pick();
        if (key !== null) await this.ask(target, key);
        await sleep(load.pauseMs, undefined, { signal: stopped }).catch(() => undefined);
      }
    };
    await Promise.all(this.targets.flatMap((target) => Array.from({ length: load.atOnce }, () => ask(target))));
  }
}

export interface SteadyLoad {
  /** Questions that wait for an answer of one target. */
  readonly atOnce: number;
  /** Milliseconds from an answer to the next question. */
  readonly pauseMs: number;
}
