import type { ChangeScope, ChangeSubject, ReadStamp, Time, TokenRules } from '#libs/key-domain';
import type { GuardChannel } from './guard-channel.js';
import { GUARD_TERMS, type GuardBounds } from './guard-terms.js';
import type { HolderTable } from './holder-table.js';
import { type Creditor, type KnownChange, SessionDebts } from './session-debts.js';
import { ToldChanges } from './told-changes.js';

/** The service whose guard it is. */
export interface GuardingService {
  readonly accountId: string;
  /** Its service key. */
  readonly keyId: string;
}

/** What a session needs of the sessions of its verifier. */
export interface SessionHost extends Creditor {
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
  /** @param staleMs for how long its guard may go on all the same while it reaches no verifier, in milliseconds; 0: it does not */
  over(session: GuardSession, staleMs: number): void;
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
  /** Until when the guard may answer, by this process's monotonic clock. */
  #leaseEnd = -Infinity;
  #renewal: number | null = null;
  readonly #told: ToldChanges;
  readonly #debts: SessionDebts;
  #knowsRules = false;
  /** Looks since the guard last asked for a renewal. */
  #idleLooks = 0;
  #cancelTimer: (() => void) | null = null;

  constructor(
    readonly id: string,
    readonly service: GuardingService,
    private readonly channel: GuardChannel,
    private readonly host: SessionHost,
    /** For how long after its lease the guard lets requests in while it reaches no verifier, in milliseconds; 0: it does not. */
    readonly staleMs: number,
  ) {
    this.#told = new ToldChanges(host.time);
    this.#debts = new SessionDebts(host);
    channel.send({ kind: 'opened', sessionId: id, accountId: service.accountId });
  }

  get accountId(): string {
    return this.service.accountId;
  }

  get isLive(): boolean {
    return this.#state === 'live';
  }

  /** Whether the guard is to be told what tokens of the account look like: it does not know, and is up to date otherwise. */
  get wantsRules(): boolean {
    return this.isLive && !this.#knowsRules && !this.#told.owesEverything;
  }

  /**
   * Counts the answer as kept by the guard.
   * @returns false if it may keep none now: it is over, or has yet to forget everything
   */
  hold(keyId: string): boolean {
    if (!this.isLive || this.#told.owesEverything) return false;
    this.host.holders.hold(this, keyId, this.#told.sequence);
    return true;
  }

  /** The guard asks for a renewal, whether or not its service key can be judged now. */
  asks(): void {
    if (!this.#told.isLate()) this.#idleLooks = 0;
  }

  /** Asks for a lease; the answer comes when there is one and the guard owes no acknowledgement for long. */
  renew(renewal: number): void {
    if (!this.isLive) return;
    this.asks();
    this.#renewal = renewal;
    this.host.holders.tidy(this);
    this.answer();
  }

  /** Answers the last renewal, if one waits and nothing stands in the way. */
  answer(): void {
    if (!this.isLive || this.#renewal === null || this.#told.isLate()) return;
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
    if (sequence > this.#told.sequence) return false;
    for (const told of this.#told.acknowledge(sequence)) {
      if (told.scope === null) this.#finish();
      else this.host.holders.release(this, told.scope, told.sequence);
    }
    this.#debts.acknowledged(sequence);
    this.answer();
    return true;
  }

  /**
   * Tells of a change; where nothing can be told any more, the guard is waited for all the same. One that has yet to forget
   * everything need not be told more: it keeps nothing before it has.
   */
  tell(change: KnownChange, scope: ChangeScope): void {
    if (this.#state === 'over') return;
    if (this.isLive && !this.#told.owesEverything && !this.#isCongested()) this.#say(scope);
    this.#owe(change);
  }

  /**
   * Tells what tokens of the account look like, if that is wanted.
   * @param stamp how far changes had been applied before that was read: what may be out of date by now is not told
   */
  tellRules(rules: TokenRules, stamp: ReadStamp | null): void {
    if (!this.wantsRules || stamp === null || !this.host.isUnchangedSince(stamp, { accountId: this.accountId })) return;
    if (this.#isCongested()) return;
    this.#knowsRules = true;
    this.channel.send({ kind: 'rules', rules });
  }

  /**
   * Ends it: the guard is to forget everything.
   * @param reason a word for the log of the service
   * @param change by which it ends
   */
  end(reason: string, change: KnownChange | null = null): void {
    if (this.isLive) {
      this.#state = 'ended';
      this.channel.send({ kind: 'ended', sequence: this.#told.tell(null), reason });
    }
    if (change !== null && this.#state !== 'over') this.#owe(change);
    this.#look();
  }

  /**
   * Looks, now and then, whether the guard still asks for renewals, and ends the session if it does not. Whoever waits for the
   * lease of this verifier need not ask again. Looks count, not clocks: a process that slept has not listened.
   */
  lookForSigns(): void {
    if (!this.isLive || (this.#renewal !== null && !this.#told.isLate())) return;
    this.#idleLooks += 1;
    if (this.#idleLooks * GUARD_TERMS.idleLook > GUARD_TERMS.idle) this.end('the guard asks for no renewal');
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
    this.#debts.forgetLog();
  }

  /** To forget everything takes one message, whatever else there was to tell. */
  #say(scope: ChangeScope): void {
    const isRoom = this.#told.size + 1 < this.host.bounds.unacknowledged;
    const told: ChangeScope = isRoom ? scope : { kind: 'account', accountId: this.accountId };
    if (told.kind !== 'key') this.#knowsRules = false;
    this.channel.send({ kind: 'change', sequence: this.#told.tell(told), scope: told });
  }

  /** Ends it where too much waits to leave. */
  #isCongested(): boolean {
    if (this.channel.backlog() < this.host.bounds.backlog) return false;
    this.end('the stream is not read');
    return true;
  }

  /** Without a lease, the guard can get one only after it has heard of the change. */
  #owe(change: KnownChange): void {
    if (this.host.time.monotonic() >= this.#leaseEnd) return;
    const sequence = this.#state === 'broken' ? Infinity : this.#told.sequence;
    this.#debts.owe({ change, sequence, until: this.#leaseEnd });
    this.#wait();
  }

  /** Pays what time has paid, and waits for what it pays next. */
  #look(): void {
    const now = this.host.time.monotonic();
    this.#debts.passed(now);
    if (!this.isLive && now >= this.#leaseEnd) this.#finish(this.#leaseEnd === -Infinity ? 0 : this.staleMs);
    else this.#wait();
  }

  #wait(): void {
    const next = this.#debts.nextPaid ?? (this.isLive ? null : this.#leaseEnd);
    if (next === null || this.#cancelTimer !== null) return;
    const ms = Math.max(1, Math.ceil(next - this.host.time.monotonic()));
    this.#cancelTimer = this.host.time.after(ms, () => {
      this.#cancelTimer = null;
      this.#look();
    });
  }

  /** Nobody answers on its word any more, but for what the service has chosen. */
  #finish(staleMs = 0): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#cancelTimer?.();
    this.#debts.settleAll();
    this.host.holders.drop(this);
    this.host.over(this, staleMs);
    this.channel.close();
  }
}
