import type { ChangeScope, ChangeSubject, ReadStamp, Road, Time, TokenRules } from '#libs/key-domain';
import type { GuardChannel } from './guard-channel.js';
import { GUARD_TERMS, type GuardBounds } from './guard-terms.js';
import type { HolderTable } from './holder-table.js';

/** The service whose guard it is. */
export interface GuardingService {
  readonly accountId: string;
  /** Its service key. */
  readonly keyId: string;
}

/** A change, as it came to be known. */
export interface KnownChange {
  readonly road: Road;
  readonly number: number;
}

/** What a session needs of the sessions of its verifier. */
export interface SessionHost {
  readonly time: Time;
  readonly bounds: GuardBounds;
  /** Beyond the lease that was handed to a guard, in milliseconds. */
  readonly margin: number;
  readonly holders: HolderTable<GuardSession>;
  /** Milliseconds for which guards may be told that they may answer; 0: none. */
  leaseLeft(): number;
  storeTime(): number;
  isUnchangedSince(stamp: ReadStamp, subject: ChangeSubject): boolean;
  /** A renewal waits for a lease: {@link GuardSession.answer} is to be called when there may be one. */
  awaitLease(session: GuardSession): void;
  /** Somebody may still answer without a change, until `confirm` is called as often. */
  owe(change: KnownChange): void;
  confirm(change: KnownChange): void;
  /** @param staleMs for how long its guard may go on all the same while it reaches no verifier, in milliseconds; 0: it does not */
  over(session: GuardSession, staleMs: number): void;
}

/** Something that the guard was told and has not acknowledged. */
interface Told {
  readonly sequence: number;
  /** When, by the monotonic clock. */
  readonly at: number;
  /** Null: the end of the session. */
  readonly scope: ChangeScope | null;
}

/** A change that this guard may still answer without. */
interface Debt {
  readonly change: KnownChange;
  /** Its acknowledgement pays it; Infinity: none can, the stream is broken. */
  readonly sequence: number;
  /** From this moment on, by the monotonic clock, the guard has no lease that it was handed before it was told. */
  readonly until: number;
}

/**
 * `ended`: the guard was told so and may not have heard it; `broken`: nothing reaches it any more. Either may answer
 * from what it holds until it acknowledges or its lease has run out; `over`: neither.
 */
type State = 'live' | 'ended' | 'broken' | 'over';

/**
 * What one guard may answer on this verifier's word, and what it does not know yet. What a guard is told, it is told in
 * order: a lease that comes after a change is used only with that change applied.
 */
export class GuardSession {
  #state: State = 'live';
  #sequence = 0;
  /** Until when the guard may answer, by this process's monotonic clock. */
  #leaseEnd = -Infinity;
  #renewal: number | null = null;
  readonly #told: Told[] = [];
  #debts: Debt[] = [];
  #cancelTimer: (() => void) | null = null;
  /** When the guard was last heard of, by the monotonic clock. */
  #heard: number;

  constructor(
    readonly id: string,
    readonly service: GuardingService,
    private readonly channel: GuardChannel,
    private readonly host: SessionHost,
    /** For how long after its lease the guard lets requests in while it reaches no verifier, in milliseconds; 0: it does not. */
    readonly staleMs: number,
  ) {
    this.#heard = host.time.monotonic();
    channel.send({ kind: 'opened', sessionId: id, accountId: service.accountId });
  }

  get accountId(): string {
    return this.service.accountId;
  }

  get isLive(): boolean {
    return this.#state === 'live';
  }

  /** Counts the answer as kept by the guard. */
  hold(keyId: string): void {
    this.host.holders.hold(this, keyId, this.#sequence);
  }

  /** Asks for a lease; the answer comes when there is one and the guard owes no acknowledgement for long. */
  renew(renewal: number): void {
    if (!this.isLive) return;
    this.#heard = this.host.time.monotonic();
    this.#renewal = renewal;
    this.host.holders.tidy(this);
    this.answer();
  }

  /** Answers the last renewal, if one waits and nothing stands in the way. */
  answer(): void {
    if (!this.isLive || this.#renewal === null || this.#isSilent()) return;
    const leaseMs = this.host.leaseLeft();
    if (leaseMs <= 0) {
      this.host.awaitLease(this);
      return;
    }
    if (this.#isCongested()) return;
    this.#leaseEnd = Math.max(this.#leaseEnd, this.host.time.monotonic() + leaseMs + this.host.margin);
    this.channel.send({ kind: 'renewed', renewal: this.#renewal, leaseMs, storeMs: this.host.storeTime() });
    this.#renewal = null;
  }

  /**
   * The guard has applied everything up to the sequence.
   * @returns false for one that it was never told
   */
  acknowledge(sequence: number): boolean {
    if (sequence > this.#sequence) return false;
    this.#heard = this.host.time.monotonic();
    for (let told = this.#told[0]; told !== undefined && told.sequence <= sequence; told = this.#told[0]) {
      this.#told.shift();
      if (told.scope === null) this.#finish();
      else this.host.holders.release(this, told.scope, told.sequence);
    }
    this.#settle((debt) => debt.sequence <= sequence);
    this.answer();
    return true;
  }

  /** Tells of a change; where nothing can be told any more, the guard is waited for all the same. */
  tell(change: KnownChange, scope: ChangeScope): void {
    if (this.#state === 'over') return;
    if (this.isLive && this.#told.length >= this.host.bounds.unacknowledged) this.end('acknowledgements are missing');
    if (this.isLive && !this.#isCongested()) {
      this.#sequence += 1;
      this.#told.push({ sequence: this.#sequence, at: this.host.time.monotonic(), scope });
      this.channel.send({ kind: 'change', sequence: this.#sequence, scope });
    }
    this.#owe(change);
  }

  /**
   * Tells what tokens of the account look like.
   * @param stamp how far changes had been applied before that was read
   * @returns false if it may be out of date by now, and is not told
   */
  tellRules(rules: TokenRules, stamp: ReadStamp | null): boolean {
    if (stamp === null || !this.host.isUnchangedSince(stamp, { accountId: this.accountId })) return false;
    if (this.isLive && !this.#isCongested(this.host.bounds.backlogOfRules)) this.channel.send({ kind: 'rules', rules });
    return true;
  }

  /**
   * Ends it: the guard is to forget everything.
   * @param reason a word for the log of the service
   * @param change by which it ends
   */
  end(reason: string, change: KnownChange | null = null): void {
    if (this.isLive) {
      this.#state = 'ended';
      this.#sequence += 1;
      this.#told.push({ sequence: this.#sequence, at: this.host.time.monotonic(), scope: null });
      this.channel.send({ kind: 'ended', sequence: this.#sequence, reason });
    }
    if (change !== null && this.#state !== 'over') this.#owe(change);
    this.#look();
  }

  /** Ends it where the guard was not heard of for long, unless it waits for this verifier's lease itself. */
  endIfIdle(): void {
    const isWaitedFor = this.#renewal === null || this.#isSilent();
    const silentFor = this.host.time.monotonic() - this.#heard;
    if (this.isLive && isWaitedFor && silentFor > GUARD_TERMS.idle) this.end('nothing is heard of the guard');
  }

  /** The guard has forgotten everything, and keeps nothing more. */
  leave(): void {
    this.#finish();
  }

  /** Nothing comes from the guard any more, and nothing reaches it. */
  break(): void {
    if (this.#state === 'over') return;
    this.#state = 'broken';
    this.#look();
  }

  /** What is owed to the log belongs to an epoch that is over. */
  forgetDebts(): void {
    this.#debts = this.#debts.filter(({ change }) => change.road !== 'log');
  }

  #isSilent(): boolean {
    const [oldest] = this.#told;
    return oldest !== undefined && this.host.time.monotonic() - oldest.at > GUARD_TERMS.silence;
  }

  /** Ends it where too much waits to leave. */
  #isCongested(most = this.host.bounds.backlog): boolean {
    if (this.channel.backlog() < most) return false;
    this.end('the stream is not read');
    return true;
  }

  /** Without a lease, the guard can get one only after it has heard of the change. */
  #owe(change: KnownChange): void {
    if (this.host.time.monotonic() >= this.#leaseEnd) return;
    const sequence = this.#state === 'broken' ? Infinity : this.#sequence;
    this.#debts.push({ change, sequence, until: this.#leaseEnd });
    this.host.owe(change);
    this.#wait();
  }

  /** Pays what time has paid, and waits for what it pays next. */
  #look(): void {
    const now = this.host.time.monotonic();
    this.#settle(({ until }) => until <= now);
    if (!this.isLive && now >= this.#leaseEnd) this.#finish(this.#leaseEnd === -Infinity ? 0 : this.staleMs);
    else this.#wait();
  }

  #wait(): void {
    const next = this.#debts[0]?.until ?? (this.isLive ? null : this.#leaseEnd);
    if (next === null || this.#cancelTimer !== null) return;
    const ms = Math.max(1, Math.ceil(next - this.host.time.monotonic()));
    this.#cancelTimer = this.host.time.after(ms, () => {
      this.#cancelTimer = null;
      this.#look();
    });
  }

  /** In their order: sequences ascend, and so do the moments from which on time has paid. */
  #settle(isPaid: (debt: Debt) => boolean): void {
    const unpaid = this.#debts.findIndex((debt) => !isPaid(debt));
    const paid = this.#debts.splice(0, unpaid === -1 ? this.#debts.length : unpaid);
    for (const { change } of paid) this.host.confirm(change);
  }

  /** Nobody answers on its word any more, but for what the service has chosen. */
  #finish(staleMs = 0): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#cancelTimer?.();
    this.#settle(() => true);
    this.host.holders.drop(this);
    this.host.over(this, staleMs);
    this.channel.close();
  }
}
