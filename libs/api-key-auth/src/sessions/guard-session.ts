import type { ChangeTold, SessionOpened, SessionRenewed, WatchKeysRequest, WatchKeysResponse } from '#libs/contract';
import {
  ChangeIndex,
  type ChangeSubject,
  Lease,
  type LoggedChange,
  type Moment,
  momentOf,
  type ReadStamp,
  StoreTime,
  type Time,
  type TokenRules,
} from '#libs/key-domain';
import {
  isAnswer,
  isAwayFailure,
  type VerifierFailure,
  type VerifierTransport,
  type WatchStream,
} from '../verifier/verifier-transport.js';
import { SESSION_TERMS } from './session-terms.js';
import { durationOf, type HeedingMemory, millisecondsOf, rulesOf, scopeOf } from './told.js';
import { UsageReports } from './usage-reports.js';

/** Why a session is over. */
export type SessionEnd =
  /** The verifier can't be reached any more. */
  | { readonly because: 'unreachable'; readonly detail: string }
  /** The verifier ended it, or broke the contract. */
  | { readonly because: 'ended'; readonly detail: string }
  /** The verifier does not give one. */
  | { readonly because: 'refused'; readonly failure: VerifierFailure }
  /** The guard left. */
  | { readonly because: 'left' };

export interface SessionOptions {
  readonly time: Time;
  /** What is kept; told of every change before that is acknowledged. */
  readonly memory: HeedingMemory;
  /** How long after the lease what was kept may be used while no verifier can be reached, in milliseconds; 0: never. */
  readonly staleMs: number;
  /** The verifier has given a first lease. */
  readonly onLeased: () => void;
  readonly onEnded: (end: SessionEnd) => void;
}

const NEVER: Moment = { monotonic: -Infinity, wall: -Infinity };

interface Opened {
  readonly id: string;
  readonly accountId: string;
  readonly index: ChangeIndex;
}

/**
 * One session with one verifier, from its opening to its end. What was kept under it may be used while it lives and its
 * lease lasts: the lease counts from before the renewal was asked for, and ends by whichever clock is further on.
 */
export class GuardSession {
  readonly usage: UsageReports;
  readonly #time: Time;
  readonly #lease: Lease;
  /** The lease and what may be added to it while no verifier can be reached. */
  readonly #staleLease: Lease;
  readonly #storeTime: StoreTime;
  /** When each renewal that is not answered yet was asked for. */
  readonly #asked = new Map<number, Moment>();
  /** The end of the last lease, or of the session if that came first. */
  #vouchedUntil: Moment = NEVER;
  readonly #stream: WatchStream;
  #opened: Opened | null = null;
  #end: SessionEnd | null = null;
  #rules: TokenRules | null = null;
  #renewal = 0;
  #cancelTimer: () => void;

  constructor(
    transport: VerifierTransport,
    private readonly options: SessionOptions,
  ) {
    this.usage = new UsageReports(options.time, transport);
    this.#time = options.time;
    this.#lease = new Lease(options.time);
    this.#staleLease = new Lease(options.time);
    this.#storeTime = new StoreTime(options.time);
    this.#stream = transport.watch({
      message: (message) => {
        this.#receive(message);
      },
      ended: (failure) => {
        this.#streamEnded(failure);
      },
    });
    const staleWhileUnavailable = options.staleMs > 0 ? durationOf(options.staleMs) : undefined;
    this.#send({ $case: 'open', value: { staleWhileUnavailable } });
    this.#cancelTimer = options.time.after(SESSION_TERMS.opening, () => {
      this.#finish({ because: 'unreachable', detail: 'it opened no session in time' });
    });
  }

  /** Whether answers may be asked for under it. */
  get isOpen(): boolean {
    return this.#opened !== null && this.#end === null;
  }

  /** Empty before it is open. */
  get id(): string {
    return this.#opened?.id ?? '';
  }

  /** The account whose keys the service key sees; empty before it is open. */
  get accountId(): string {
    return this.#opened?.accountId ?? '';
  }

  /**
   * Whether what was kept under it may answer a question.
   * @param now by both clocks, read after the question had arrived
   */
  mayAnswer(now: Moment): boolean {
    return this.#end === null && this.#lease.isValid(now);
  }

  /**
   * The same where no verifier can be reached, for as long after the lease as the service has chosen. It has ended for good
   * once any verifier is heard while nobody vouches: changes were not told from then on, and did not wait for this guard.
   * @param heard when a verifier was last heard
   */
  mayAnswerUnavailable(now: Moment, heard: Moment): boolean {
    const { monotonic, wall } = this.#vouchedUntil;
    return heard.monotonic < monotonic && heard.wall < wall && this.#staleLease.isValid(now);
  }

  /** Until when it vouched for what was kept under it: the end of its last lease, or its own if that came first. */
  get vouchedUntil(): Moment {
    return this.#vouchedUntil;
  }

  /** Whether nothing that was kept under it will be used any more. */
  isForgotten(now: Moment, heard: Moment): boolean {
    return this.#end !== null && !this.mayAnswerUnavailable(now, heard);
  }

  /**
   * Postgres' clock as late as it may be, in milliseconds since the Unix epoch.
   * @throws Error before the first lease
   */
  storeTime(now: Moment): number {
    return this.#storeTime.latest(now);
  }

  /** What the account's tokens look like; null: not known at this moment. */
  rules(): TokenRules | null {
    return this.mayAnswer(momentOf(this.#time)) ? this.#rules : null;
  }

  /**
   * How far changes were applied: taken before a question is asked under the session.
   * @throws Error before it is open
   */
  stamp(): ReadStamp {
    if (this.#opened === null) throw new Error('the session is not open yet');
    return this.#opened.index.stamp;
  }

  /** Whether an answer to what was asked after the stamp may be kept. */
  isUnchangedSince(stamp: ReadStamp, subject: ChangeSubject): boolean {
    return this.#end === null && (this.#opened?.index.isUnchangedSince(stamp, subject) ?? false);
  }

  /** Forgets everything, then tells the verifier so by ending the stream. */
  leave(): void {
    this.#finish({ because: 'left' });
  }

  #receive({ message }: WatchKeysResponse): void {
    if (this.#end !== null) return;
    this.options.memory.heard();
    switch (message?.$case) {
      case 'opened':
        this.#open(message.value);
        break;
      case 'renewed':
        this.#renewed(message.value);
        break;
      case 'change':
        this.#apply(message.value);
        break;
      case 'rules':
        this.#rules = rulesOf(message.value);
        break;
      case 'ended':
        this.#finish({ because: 'ended', detail: message.value.reason }, message.value.sequence);
        break;
      case undefined:
        break;
    }
  }

  #open({ sessionId, accountId }: SessionOpened): void {
    if (this.#opened !== null || sessionId === '') {
      this.#finish({ because: 'ended', detail: 'it was opened twice, or without a name' });
      return;
    }
    this.#opened = { id: sessionId, accountId, index: new ChangeIndex(sessionId, 0) };
    this.#cancelTimer();
    this.usage.start(sessionId);
    this.#renew();
  }

  #renew(): void {
    const asked = momentOf(this.#time);
    const [oldest = asked] = this.#asked.values();
    if (asked.monotonic - oldest.monotonic > SESSION_TERMS.silence) {
      this.#finish({ because: 'unreachable', detail: 'it answered no renewal' });
      return;
    }
    this.#renewal += 1;
    this.#asked.set(this.#renewal, asked);
    this.#cancelTimer = this.#time.after(SESSION_TERMS.renewal, () => {
      this.#renew();
    });
    this.#send({ $case: 'renew', value: { renewal: this.#renewal } });
  }

  #renewed({ renewal, lease, storeTime }: SessionRenewed): void {
    const asked = this.#asked.get(renewal);
    if (asked === undefined) return;
    for (const earlier of this.#asked.keys()) if (earlier <= renewal) this.#asked.delete(earlier);
    const leaseMs = Math.min(millisecondsOf(lease), SESSION_TERMS.longestLease);
    const storeMs = storeTime?.getTime() ?? NaN;
    if (leaseMs === 0 || Number.isNaN(storeMs)) return;
    this.#storeTime.learn(storeMs, asked);
    this.#lease.extend(asked, leaseMs);
    if (this.options.staleMs > 0) this.#staleLease.extend(asked, leaseMs + this.options.staleMs);
    const isFirst = this.#vouchedUntil === NEVER;
    const ends = { monotonic: asked.monotonic + leaseMs, wall: asked.wall + leaseMs };
    if (ends.monotonic > this.#vouchedUntil.monotonic) this.#vouchedUntil = ends;
    if (isFirst) this.options.onLeased();
  }

  /** What is told later rests on this: applied first, acknowledged then, and never with a gap before it. */
  #apply(told: ChangeTold): void {
    const opened = this.#opened;
    if (opened === null || told.sequence !== opened.index.position + 1) {
      this.#finish({ because: 'ended', detail: 'a change is missing' });
      return;
    }
    const change: LoggedChange = { number: told.sequence, scope: scopeOf(told, opened.accountId), handles: [] };
    this.options.memory.forget(change);
    opened.index.note(change);
    if (change.scope.kind !== 'key') this.#rules = null;
    this.#send({ $case: 'acknowledge', value: { sequence: told.sequence } });
  }

  #streamEnded(failure: VerifierFailure | null): void {
    if (this.#end === null && (failure === null || isAnswer(failure))) this.options.memory.heard();
    if (failure === null) this.#finish({ because: 'ended', detail: 'it closed the stream' });
    else if (isAwayFailure(failure)) {
      this.#finish({ because: 'unreachable', detail: failure.message });
    } else this.#finish({ because: 'refused', failure });
  }

  /** @param told the sequence to acknowledge, once everything is forgotten */
  #finish(end: SessionEnd, told?: number): void {
    if (this.#end !== null) return;
    this.#end = end;
    this.#rules = null;
    this.#lease.end();
    if (end.because === 'unreachable') this.#vouchedUntil = earlier(this.#vouchedUntil, momentOf(this.#time));
    else this.#staleLease.end();
    this.#asked.clear();
    this.#cancelTimer();
    this.usage.stop();
    if (told !== undefined) this.#send({ $case: 'acknowledge', value: { sequence: told } });
    else if (this.#opened !== null && end.because !== 'unreachable') this.#send({ $case: 'leave', value: {} });
    this.#stream.end();
    this.options.onEnded(end);
  }

  #send(message: NonNullable<WatchKeysRequest['message']>): void {
    this.#stream.send({ message });
  }
}

function earlier(one: Moment, other: Moment): Moment {
  return { monotonic: Math.min(one.monotonic, other.monotonic), wall: Math.min(one.wall, other.wall) };
}
