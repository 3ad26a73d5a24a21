import {
  ChangeIndex,
  type ChangeFollower,
  type ChangeSubject,
  type FollowingMemory,
  Lease,
  type LoggedChange,
  type Moment,
  momentOf,
  type ReadStamp,
  StoreTime,
  type Time,
} from '#libs/key-domain';
import { type FollowedLog, isSameProgress, type Progress } from '../log/change-log.js';
import { withinLimit } from '../log/time-limit.js';
import { LEASE_TERMS, type LeaseTerms } from '../terms.js';
import { type Audience, NO_AUDIENCE } from './audience.js';
import { Loop } from './loop.js';
import type { Turns } from './turns.js';

export interface FollowerOptions {
  readonly time: Time;
  /** A name that no member ever had. */
  readonly newMemberId: () => string;
  readonly audience?: Audience;
  readonly terms?: LeaseTerms;
  /** Postgres' clock, kept by somebody else where the log does not tell it. */
  readonly storeTime?: StoreTime;
  /** Told of every failed exchange; the next one is tried all the same. */
  readonly onTrouble?: (error: unknown) => void;
}

/** A member's place in one epoch of the log. */
interface Membership {
  readonly id: string;
  readonly epoch: string;
  readonly index: ChangeIndex;
}

/**
 * Follows a log as one of its members: applies every change to the memories, confirms it, and holds the lease under
 * which they may answer. Renewing is reading: a lease counts only once everything that came with it is applied, and
 * from before it was asked for.
 */
export class LogFollower implements ChangeFollower {
  readonly #time: Time;
  readonly #terms: LeaseTerms;
  readonly #audience: Audience;
  readonly #lease: Lease;
  readonly #storeTime: StoreTime;
  readonly #memories: FollowingMemory[] = [];
  readonly #loop: Loop;
  #membership: Membership | null = null;
  /** Under which name the log may know this process, whether or not it has a place. */
  #known: Pick<Membership, 'id' | 'epoch'> | null = null;
  #told: Progress | null = null;
  #renewed: Moment | null = null;

  constructor(
    private readonly log: FollowedLog,
    private readonly options: FollowerOptions,
  ) {
    this.#time = options.time;
    this.#terms = options.terms ?? LEASE_TERMS;
    this.#audience = options.audience ?? NO_AUDIENCE;
    this.#lease = new Lease(this.#time);
    this.#storeTime = options.storeTime ?? new StoreTime(this.#time);
    this.#loop = new Loop(this.#time, {
      turn: (turns) => this.#turn(turns),
      retryMs: this.#terms.retry,
      onTrouble: (error) => this.#trouble(error),
    });
    this.log.onPublished(() => {
      this.#loop.hasten();
    });
    this.#audience.onConfirmed(() => {
      this.#loop.hasten();
    });
  }

  stamp(): ReadStamp | null {
    return this.#membership?.index.stamp ?? null;
  }

  mayAnswerFromMemory(): boolean {
    return this.#lease.isValid() && this.#storeTime.isKnown;
  }

  isUnchangedSince(stamp: ReadStamp, subject: ChangeSubject): boolean {
    return this.#membership?.index.isUnchangedSince(stamp, subject) ?? false;
  }

  storeTime(): number {
    return this.#storeTime.latest();
  }

  follow(memory: FollowingMemory): void {
    this.#memories.push(memory);
  }

  /** Milliseconds for which guards may be told that they may answer; 0: none. */
  leaseLeft(): number {
    return this.#lease.remaining();
  }

  /** Applies a change that may not have come by the log yet, and may come by it later. It is not confirmed to the log. */
  heed(inquiry: LoggedChange): void {
    for (const memory of this.#memories) memory.forget(inquiry, 'inquiry');
    this.#membership?.index.noteAhead(inquiry);
  }

  /** Begins to follow, and goes on until stopped, whatever becomes of the log. */
  start(): void {
    this.#loop.start();
  }

  /** Lets go of the lease, forgets everything, and leaves the log if nobody answers on this member's word any more. */
  async stop(): Promise<void> {
    await this.#loop.stop();
    this.#forgetEverything();
    const left = this.#known;
    if (left !== null && this.#audience.isSilent()) await this.log.leave(left).catch((error: unknown) => this.#trouble(error));
  }

  async #turn(turns: Turns): Promise<void> {
    if (this.#membership !== null) await this.#exchange(this.#membership, turns);
    else if (this.#audience.isSilent()) await this.#join();
    else await turns.next(this.#terms.retry);
  }

  async #join(): Promise<void> {
    const id = this.options.newMemberId();
    const asked = momentOf(this.#time);
    this.#known = { id, epoch: '' };
    const joined = await withinLimit(this.#time, this.#terms.exchange, this.log.join(id));
    this.#known = { id, epoch: joined.epoch };
    if (this.#loop.isStopped) return;
    this.#membership = { id, epoch: joined.epoch, index: new ChangeIndex(id, joined.position) };
    this.#told = { position: joined.position, exceptions: [], staleGuards: 0 };
    this.#renewed = null;
    this.#learnStoreTime(joined, asked);
  }

  /** One exchange if there is a reason for one; waits for a reason otherwise. */
  async #exchange(membership: Membership, turns: Turns): Promise<void> {
    const untilRenewal = this.#untilRenewal();
    const renew = untilRenewal <= 0;
    if (!renew && !this.#isNews(this.#progress(membership)) && !(await turns.next(untilRenewal))) return;
    if (!renew) await this.#gather(membership, turns, untilRenewal);
    const asked = momentOf(this.#time);
    if (renew) this.#renewed = asked;
    const told = this.#progress(membership);
    const answer = await withinLimit(this.#time, this.#terms.exchange, this.log.exchange(membership, told, renew));
    if (turns.stopped) return;
    if (answer.outcome === 'lost') {
      this.#forgetEverything();
      return;
    }
    this.#told = told;
    for (const change of answer.changes) this.#apply(membership, change);
    if (!answer.complete) {
      turns.hasten();
      if (renew) this.#renewed = null;
      return;
    }
    this.#learnStoreTime(answer, asked);
    if (renew) this.#lease.extend(asked, this.#terms.lease - this.#terms.margin);
  }

  /** Guards usually confirm what they were told within a moment. */
  async #gather(membership: Membership, turns: Turns, untilRenewal: number): Promise<void> {
    const { position, exceptions } = this.#progress(membership);
    if (position === this.#told?.position || exceptions.length === 0) return;
    await turns.next(Math.min(this.#terms.gathering, untilRenewal));
  }

  #apply({ index }: Membership, change: LoggedChange): void {
    for (const memory of this.#memories) memory.forget(change, 'log');
    index.note(change);
  }

  #forgetEverything(): void {
    this.#lease.end();
    this.#membership = null;
    for (const memory of this.#memories) memory.forgetEverything();
  }

  #progress({ index }: Membership): Progress {
    return {
      position: index.position,
      exceptions: this.#audience.unconfirmed('log'),
      staleGuards: this.#audience.staleGuards(),
    };
  }

  #isNews(progress: Progress): boolean {
    return this.#told === null || !isSameProgress(this.#told, progress);
  }

  #untilRenewal(): number {
    if (this.#renewed === null) return 0;
    return this.#terms.renewal - (this.#time.monotonic() - this.#renewed.monotonic);
  }

  #learnStoreTime({ storeMs }: { readonly storeMs: number | null }, asked: Moment): void {
    if (storeMs !== null) this.#storeTime.learn(storeMs, asked);
  }

  #trouble(error: unknown): void {
    this.options.onTrouble?.(error);
  }
}
