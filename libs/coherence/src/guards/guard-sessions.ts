import {
  type ChangeScope,
  type ChangeSubject,
  type FollowingMemory,
  type KeyRecord,
  type LoggedChange,
  type ReadStamp,
  type Road,
  type Time,
} from '#libs/key-domain';
import type { Audience } from '../follower/audience.js';
import { LEASE_TERMS, type LeaseTerms } from '../terms.js';
import type { GuardChannel } from './guard-channel.js';
import { type GuardingService, GuardSession, type SessionHost } from './guard-session.js';
import { GUARD_BOUNDS, GUARD_TERMS, type GuardBounds } from './guard-terms.js';
import { HolderTable } from './holder-table.js';
import { NoSessionError } from './no-session-error.js';
import { SessionBook } from './session-book.js';
import type { KnownChange } from './session-debts.js';
import { StaleWindows } from './stale-windows.js';
import { Unconfirmed } from './unconfirmed.js';

/** What guards' sessions rest on: the verifier's own place in the log. */
export interface GuardedFollower {
  isUnchangedSince(stamp: ReadStamp, subject: ChangeSubject): boolean;
  mayAnswerFromMemory(): boolean;
  leaseLeft(): number;
  storeTime(): number;
  follow(memory: FollowingMemory): void;
}

/** There is no word that a guard could answer on yet. */
const NO_FOLLOWER: GuardedFollower = {
  isUnchangedSince: () => false,
  mayAnswerFromMemory: () => false,
  leaseLeft: () => 0,
  storeTime: () => -Infinity,
  follow: () => undefined,
};

export interface GuardSessionsOptions {
  readonly time: Time;
  /** A name that nobody can guess, and that no session ever had. */
  readonly newSessionId: () => string;
  readonly terms?: LeaseTerms;
  readonly bounds?: Partial<GuardBounds>;
}

/**
 * The guards that answer on this verifier's word. Each is told of every change of what it holds; the change counts as
 * confirmed once each of them has acknowledged it, or has no lease any more that it was handed before it was told.
 */
export class GuardSessions implements FollowingMemory, Audience {
  readonly #time: Time;
  readonly #bounds: GuardBounds;
  readonly #host: SessionHost;
  readonly #holders: HolderTable<GuardSession>;
  readonly #unconfirmed: Readonly<Record<Road, Unconfirmed>> = { log: new Unconfirmed(), inquiry: new Unconfirmed() };
  readonly #sessions = new SessionBook();
  readonly #staleWindows: StaleWindows;
  readonly #waiting = new Set<GuardSession>();
  #listeners: (() => void)[] = [];
  #follower = NO_FOLLOWER;
  #closed = false;
  #isLooking = false;
  /** Whether somebody waits until there is no session left. */
  #isSilenceAwaited = false;

  constructor(private readonly options: GuardSessionsOptions) {
    this.#time = options.time;
    this.#bounds = { ...GUARD_BOUNDS, ...options.bounds };
    this.#holders = new HolderTable(this.#time, this.#bounds);
    this.#staleWindows = new StaleWindows(this.#time, this.#bounds.sessions, () => this.#tellListeners());
    // One margin for this process' clock, which may be fast, and one for the guard's, which may be slow.
    this.#host = this.#makeHost(2 * (options.terms ?? LEASE_TERMS).margin);
  }

  /** The time that they go by. */
  get time(): Time {
    return this.#time;
  }

  /** Sessions, those that have ended and may still matter included. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Keys that guards hold answers of, one that two hold counted twice. */
  get heldKeys(): number {
    return this.#holders.size;
  }

  /** Rests on `follower` from now on, which was made with these sessions as its audience. */
  attend(follower: GuardedFollower): void {
    this.#follower = follower;
    follower.follow(this);
  }

  /**
   * Opens a session for a service.
   * @param stamp how far changes had been applied before the service key was judged
   * @param staleMs for how long after its lease the guard lets requests in while it reaches no verifier, in milliseconds
   * @throws NoSessionError when there is no lease, no room, or a change of the service key since
   */
  open(service: GuardingService, stamp: ReadStamp | null, channel: GuardChannel, staleMs = 0): GuardSession {
    const refusal = this.#refusalOf(service, stamp);
    if (refusal !== null) throw new NoSessionError(`No session can be opened here now: ${refusal}.`);
    const session = new GuardSession(
      this.options.newSessionId(),
      service,
      channel,
      this.#host,
      Math.min(staleMs, GUARD_TERMS.stale),
    );
    this.#isSilenceAwaited = false;
    this.#sessions.add(session);
    this.#lookForSigns();
    if (staleMs > 0) this.#staleWindows.opened();
    return session;
  }

  /**
   * For how many milliseconds the guard may keep an answer that rests on a record; 0: not at all. Above zero, the
   * session is told of every change of it from now on.
   * @param stamp how far changes had been applied before the record was read
   */
  grant(sessionId: string, { keyId, accountId }: Pick<KeyRecord, 'keyId' | 'accountId'>, stamp: ReadStamp | null): number {
    const session = this.#sessions.get(sessionId);
    if (session?.accountId !== accountId) return 0;
    if (stamp === null || !this.#follower.isUnchangedSince(stamp, { accountId, keyId })) return 0;
    return session.hold(keyId) ? GUARD_TERMS.keep : 0;
  }

  /** Ends every session, and opens no more. */
  close(reason: string): void {
    this.#closed = true;
    this.#isSilenceAwaited = true;
    for (const session of this.#sessions.all()) session.end(reason);
  }

  unconfirmed(road: Road): readonly number[] {
    return this.#unconfirmed[road].numbers();
  }

  isSilent(): boolean {
    return this.#sessions.size === 0;
  }

  staleGuards(): number {
    return this.#staleWindows.count;
  }

  onConfirmed(listener: () => void): void {
    this.#listeners = [...this.#listeners, listener];
  }

  forget({ number, scope }: LoggedChange, road: Road): void {
    const change = { road, number };
    for (const session of this.#concerned(scope)) session.tell(change, scope);
    if (scope.kind !== 'key') return;
    for (const session of this.#sessions.ofServiceKey(scope.keyId)) session.end('the service key was changed', change);
  }

  forgetEverything(): void {
    this.#unconfirmed.log.clear();
    this.#isSilenceAwaited = true;
    for (const session of this.#sessions.all()) {
      session.forgetDebts();
      session.end('the verifier has lost its place');
    }
  }

  #refusalOf({ accountId, keyId }: GuardingService, stamp: ReadStamp | null): string | null {
    if (this.#closed) return 'the verifier is shutting down';
    if (!this.#follower.mayAnswerFromMemory()) return 'the verifier holds no lease';
    if (stamp === null || !this.#follower.isUnchangedSince(stamp, { accountId, keyId })) return 'the service key was changed';
    const { ofAccount, ofServiceKey } = this.#sessions.counts(accountId, keyId);
    if (ofServiceKey >= this.#bounds.sessionsOfServiceKey) return 'too many sessions of the service key';
    if (ofAccount >= this.#bounds.sessionsOfAccount) return 'too many sessions of the account';
    return this.#sessions.size >= this.#bounds.sessions ? 'too many sessions' : null;
  }

  #concerned(scope: ChangeScope): readonly GuardSession[] {
    if (scope.kind === 'key') return this.#holders.holdersOf(scope);
    return scope.kind === 'all' ? this.#sessions.all() : this.#sessions.ofAccount(scope.accountId);
  }

  #makeHost(margin: number): SessionHost {
    return {
      time: this.#time,
      bounds: this.#bounds,
      margin,
      holders: this.#holders,
      leaseLeft: () => (this.#follower.mayAnswerFromMemory() ? this.#follower.leaseLeft() : 0),
      storeTime: () => this.#follower.storeTime(),
      isUnchangedSince: (stamp, subject) => this.#follower.isUnchangedSince(stamp, subject),
      awaitLease: (session: GuardSession) => {
        this.#awaitLease(session);
      },
      owe: ({ road, number }: KnownChange) => {
        this.#unconfirmed[road].owe(number);
      },
      confirm: ({ road, number }: KnownChange) => {
        if (this.#unconfirmed[road].confirm(number)) this.#tellListeners();
      },
      over: (session: GuardSession, staleMs: number) => {
        this.#sessions.delete(session);
        this.#waiting.delete(session);
        if (session.staleMs > 0) this.#staleWindows.over(staleMs);
        if (this.#isSilenceAwaited && this.#sessions.size === 0) this.#tellListeners();
      },
    };
  }

  /** Goes on for as long as there are sessions. */
  #lookForSigns(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    this.#time.after(GUARD_TERMS.idleLook, () => {
      this.#isLooking = false;
      for (const session of this.#sessions.all()) session.lookForSigns();
      if (this.#sessions.size > 0) this.#lookForSigns();
    });
  }

  #awaitLease(session: GuardSession): void {
    this.#waiting.add(session);
    if (this.#waiting.size > 1) return;
    this.#time.after(GUARD_TERMS.look, () => {
      this.#lookForLease();
    });
  }

  #lookForLease(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const session of waiting) session.answer();
  }

  #tellListeners(): void {
    for (const listener of this.#listeners) listener();
  }
}
