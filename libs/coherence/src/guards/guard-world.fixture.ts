import { ChangeIndex, type ChangeScope, type FollowingMemory, Lease, type LoggedChange, momentOf } from '#libs/key-domain';
import { ProcessTime, randomFrom, VirtualTime } from '../log/virtual-time.fixture.js';
import { LEASE_TERMS } from '../terms.js';
import type { GuardSession } from './guard-session.js';
import { type GuardedFollower, GuardSessions } from './guard-sessions.js';
import type { GuardBounds } from './guard-terms.js';
import { ModelGuard } from './model-guard.fixture.js';

const ACCOUNT = 'acc';
const KEYS = ['k1', 'k2', 'k3', 'k4', 'k5'];
const LEASE_MS = LEASE_TERMS.lease - LEASE_TERMS.margin;

/** One stream between a guard and the verifier; what is sent on it arrives in order, or not at all. */
class Stream {
  isCut = false;
  #arrivals = { guard: 0, verifier: 0 };

  constructor(private readonly world: GuardWorld) {}

  carry(to: 'guard' | 'verifier', delay: number, work: () => void): void {
    const at = Math.max(this.#arrivals[to], this.world.truth.now + delay);
    this.#arrivals[to] = at;
    this.world.in(at - this.world.truth.now, () => {
      if (!this.isCut) work();
    });
  }
}

/** A store, one verifier and its guards, which are slow, silent or cut off as a seed has it; checked after every step. */
export class GuardWorld implements GuardedFollower {
  readonly truth = new VirtualTime();
  readonly sessions: GuardSessions;
  readonly violations: string[] = [];
  /** How often a guard could have answered from what it kept when somebody looked. */
  usableSeen = 0;
  mostHeld = 0;
  readonly random: () => number;
  readonly #time: ProcessTime;
  readonly #lease: Lease;
  readonly #history: { readonly epoch: string; readonly change: LoggedChange }[] = [];
  readonly #versions = new Map<string, number>();
  readonly #guards: { readonly guard: ModelGuard; readonly epoch: string }[] = [];
  #index: ChangeIndex | null = new ChangeIndex('e0', 0);
  #memory: FollowingMemory | null = null;
  #committed = 0;
  #epochs = 0;
  #sessionIds = 0;

  constructor(
    seed: number,
    readonly bounds: Partial<GuardBounds>,
  ) {
    this.random = randomFrom(seed);
    this.#time = new ProcessTime(this.truth, this.#rate());
    this.#lease = new Lease(this.#time);
    this.sessions = new GuardSessions({ time: this.#time, newSessionId: () => `s${(this.#sessionIds += 1)}`, bounds });
    this.sessions.attend(this);
    this.sessions.onConfirmed(() => {
      this.#check();
    });
  }

  isUnchangedSince(...[stamp, subject]: Parameters<GuardedFollower['isUnchangedSince']>): boolean {
    return this.#index?.isUnchangedSince(stamp, subject) ?? false;
  }

  mayAnswerFromMemory(): boolean {
    return this.#lease.isValid();
  }

  leaseLeft(): number {
    return this.#lease.remaining();
  }

  storeTime(): number {
    return this.truth.now;
  }

  follow(memory: FollowingMemory): void {
    this.#memory = memory;
  }

  in(ms: number, work: () => void): void {
    this.truth.in(ms, () => {
      work();
      this.#check();
    });
  }

  /** Lets everybody do as they please for a while. */
  async run(ms: number): Promise<void> {
    const end = this.truth.now + ms;
    const again = (each: () => number, work: () => void) => {
      this.in(each(), () => {
        work();
        if (this.truth.now < end) again(each, work);
      });
    };
    again(
      () => 30 + 300 * this.random(),
      () => {
        this.#commit();
      },
    );
    again(
      () => 400 + (this.random() < 0.1 ? 2_500 : 100) * this.random(),
      () => {
        this.#renewOrJoin();
      },
    );
    again(
      () => 100 + 900 * this.random(),
      () => {
        if (this.sessions.size < 6) this.#openGuard(end);
      },
    );
    if (this.random() < 0.3) {
      this.in(ms * this.random(), () => {
        this.#loseEverything();
      });
    }
    this.#renewOrJoin();
    await this.truth.pass(ms);
  }

  /** Clocks are fast or slow by as much as a margin makes up for, a twentieth, and often by all of it. */
  #rate(): number {
    return [0.951, 1.049, 0.951 + 0.098 * this.random()][Math.floor(3 * this.random())] ?? 1;
  }

  #renewOrJoin(): void {
    if (this.#index === null) {
      if (!this.sessions.isSilent()) return;
      this.#index = new ChangeIndex(`e${(this.#epochs += 1)}`, this.#committed);
    }
    this.#lease.extend(momentOf(this.#time), LEASE_MS);
  }

  #loseEverything(): void {
    this.#lease.end();
    this.#index = null;
    this.#memory?.forgetEverything();
  }

  /** In the store at once, with the verifier after a while, in the order of the store. */
  #commit(): void {
    const keyId = this.#anyKey();
    const die = this.random();
    const scope: ChangeScope =
      die < 0.9
        ? { kind: 'key', accountId: ACCOUNT, keyId }
        : die < 0.96
          ? { kind: 'account', accountId: ACCOUNT }
          : { kind: 'all' };
    const number = (this.#committed += 1);
    for (const key of scope.kind === 'key' ? [keyId] : KEYS) this.#versions.set(key, number);
    const index = this.#index;
    if (index === null) return;
    const change = { number, scope, handles: [] };
    this.#pending = this.#pending.filter((waiting) => waiting.index === index).concat({ index, change });
    this.in(20 * this.random(), () => {
      this.#applyPending();
    });
  }

  #pending: { readonly index: ChangeIndex; readonly change: LoggedChange }[] = [];

  #applyPending(): void {
    const next = this.#pending.shift();
    if (next === undefined || next.index !== this.#index) return;
    this.#memory?.forget(next.change, 'log');
    this.#index.note(next.change);
    this.#history.push({ epoch: this.#index.epoch, change: next.change });
  }

  #openGuard(end: number): void {
    const stamp = this.#index?.stamp ?? null;
    if (stamp === null || !this.mayAnswerFromMemory()) return;
    const clock = new ProcessTime(this.truth, this.#rate());
    const guard = new ModelGuard(clock);
    const stream = new Stream(this);
    const isSilent = this.random() < 0.2;
    const slowness = this.random() < 0.3 ? 200 : 5;
    this.#guards.push({ guard, epoch: stamp.epoch });
    const acknowledge = (sequence: number | null) => {
      if (sequence === null || (isSilent && this.random() < 0.7)) return;
      stream.carry('verifier', slowness * this.random(), () => {
        if (!session.acknowledge(sequence)) this.violations.push(`${sequence} was never told`);
      });
    };
    const session: GuardSession = this.sessions.open({ accountId: ACCOUNT, keyId: 'service' }, stamp, {
      send: (message) => {
        stream.carry('guard', slowness * this.random(), () => {
          acknowledge(guard.isTold(message));
        });
      },
      backlog: () => 0,
      close: () => undefined,
    });
    this.#liveOn(guard, stream, session, end);
    if (this.random() < 0.5) {
      this.in(4_000 * this.random(), () => {
        this.#cut(guard, stream, session);
      });
    }
  }

  #liveOn(guard: ModelGuard, stream: Stream, session: GuardSession, end: number): void {
    const renew = () => {
      const renewal = guard.asksForLease();
      stream.carry('verifier', 5 * this.random(), () => {
        session.renew(renewal);
      });
      if (this.truth.now < end) this.in(500, renew);
    };
    const ask = () => {
      this.#ask(guard);
      if (this.truth.now < end) this.in(150 * this.random(), ask);
    };
    renew();
    ask();
  }

  /** A question goes there, is judged there, and comes back, each taking its time; no stream keeps it in order. */
  #ask(guard: ModelGuard): void {
    const { sessionId } = guard;
    if (sessionId === null) return;
    const keyId = this.#anyKey();
    const asking = guard.asks();
    const delay = () => (this.random() < 0.1 ? 300 : 10) * this.random();
    this.in(delay(), () => {
      const stamp = this.#index?.stamp ?? null;
      const version = this.#versions.get(keyId) ?? 0;
      this.in(delay(), () => {
        const ttl = this.sessions.grant(sessionId, { keyId, accountId: ACCOUNT }, stamp);
        this.in(delay(), () => {
          if (guard.sessionId === sessionId) guard.hears(keyId, asking, version, ttl);
        });
      });
    });
  }

  /** Either side may notice late. */
  #cut(guard: ModelGuard, stream: Stream, session: GuardSession): void {
    stream.isCut = true;
    this.in(3_000 * this.random(), () => {
      session.break();
    });
    if (this.random() < 0.5) {
      this.in(500 * this.random(), () => {
        guard.forgetEverything();
      });
    }
  }

  #anyKey(): string {
    return KEYS[Math.floor(this.random() * KEYS.length)] ?? 'k1';
  }

  /** Nobody may answer without a change that counts as confirmed. */
  #check(): void {
    this.mostHeld = Math.max(this.mostHeld, this.sessions.heldKeys);
    const unconfirmed = new Set(this.sessions.unconfirmed('log'));
    for (const { guard, epoch } of this.#guards) {
      for (const [keyId, { version }] of guard.usable()) {
        this.usableSeen += 1;
        if (epoch !== this.#index?.epoch) {
          if (this.#index !== null || this.sessions.isSilent()) this.#violated(`${keyId} outlives epoch ${epoch}`);
          continue;
        }
        const missed = this.#history.find(
          ({ epoch: of, change: { number, scope } }) =>
            of === epoch && number > version && (scope.kind !== 'key' || scope.keyId === keyId) && !unconfirmed.has(number),
        );
        if (missed !== undefined) this.#violated(`${keyId} at ${version} is answered without ${missed.change.number}`);
      }
    }
  }

  #violated(how: string): void {
    this.violations.push(`${Math.round(this.truth.now)} ms: ${how}`);
  }
}
