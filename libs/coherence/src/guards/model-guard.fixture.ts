import { type ChangeScope, type Clock, type Moment, momentOf, mostElapsed } from '#libs/key-domain';
import type { GuardMessage } from './guard-channel.js';

/** An answer that a guard keeps. */
export interface KeptAnswer {
  /** The last change of the key that it reflects. */
  readonly version: number;
  readonly asked: Moment;
  readonly ttl: number;
}

/** What a guard asks, as it is when it asks. */
export interface Asking {
  readonly asked: Moment;
  readonly sequence: number;
}

/** A guard that does what the contract demands of it, by clocks of its own, and no more than that. */
export class ModelGuard {
  sessionId: string | null = null;
  readonly #kept = new Map<string, KeptAnswer>();
  /** By the name of what was changed: the sequence under which it was told. */
  readonly #changed = new Map<string, number>();
  readonly #renewals = new Map<number, Moment>();
  #lease: { readonly asked: Moment; readonly ms: number } | null = null;
  #sequence = 0;

  constructor(private readonly clock: Clock) {}

  /** Notes a renewal that is asked for now; returns its number. */
  asksForLease(): number {
    const renewal = this.#renewals.size + 1;
    this.#renewals.set(renewal, momentOf(this.clock));
    return renewal;
  }

  asks(): Asking {
    return { asked: momentOf(this.clock), sequence: this.#sequence };
  }

  /** Keeps an answer, if nothing told since it asked touches it. */
  hears(keyId: string, { asked, sequence }: Asking, version: number, ttl: number): void {
    if (this.sessionId === null || ttl === 0) return;
    const told = Math.max(...['all', 'account', keyId].map((name) => this.#changed.get(name) ?? 0));
    if (told <= sequence) this.#kept.set(keyId, { version, asked, ttl });
  }

  /** Applies what it was told; returns the sequence to acknowledge, or null. */
  isTold(message: GuardMessage): number | null {
    if (message.kind === 'opened') this.sessionId = message.sessionId;
    if (message.kind === 'renewed') this.#lease = leaseOf(this.#renewals.get(message.renewal), message.leaseMs);
    if (message.kind === 'ended') this.forgetEverything();
    if (message.kind === 'change') this.#forget(message.sequence, message.scope);
    return message.kind === 'change' || message.kind === 'ended' ? message.sequence : null;
  }

  forgetEverything(): void {
    this.sessionId = null;
    this.#lease = null;
    this.#kept.clear();
  }

  /** What it would answer from now, by key. */
  usable(): readonly (readonly [keyId: string, answer: KeptAnswer])[] {
    if (this.#lease === null || mostElapsed(this.clock, this.#lease.asked) >= this.#lease.ms) return [];
    return [...this.#kept].filter(([, { asked, ttl }]) => mostElapsed(this.clock, asked) < ttl);
  }

  #forget(sequence: number, scope: ChangeScope): void {
    if (sequence !== this.#sequence + 1) throw new Error(`${sequence} was told after ${this.#sequence}`);
    this.#sequence = sequence;
    this.#changed.set(scope.kind === 'key' ? scope.keyId : scope.kind, sequence);
    if (scope.kind === 'key') this.#kept.delete(scope.keyId);
    else this.#kept.clear();
  }
}

function leaseOf(asked: Moment | undefined, ms: number) {
  if (asked === undefined) throw new Error('a renewal was answered that nobody asked for');
  return { asked, ms };
}
