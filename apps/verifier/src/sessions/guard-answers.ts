import type { GuardSessions } from '#libs/coherence';
import type { KeyRecord, VerdictCode } from '#libs/key-domain';
import { FairRoom, type Judgement } from '#libs/verification';

/** Verdicts on a key that is neither revoked nor disabled nor suspended: a guard that knows its record can repeat them. */
const KEPT: ReadonlySet<VerdictCode> = new Set<VerdictCode>([
  'VALID',
  'ENVIRONMENT_MISMATCH',
  'IP_NOT_ALLOWED',
  'PRODUCT_NOT_ALLOWED',
  'INSUFFICIENT_SCOPE',
]);

/** Secrets of which guards may report uses, each session's own. */
export interface UsageBounds {
  readonly ofSession: number;
  /** Of all sessions together, shared by the accounts. */
  readonly all: number;
}

/** Some 30 MB if all of it is used. */
const USAGE_BOUNDS: UsageBounds = { ofSession: 20_000, all: 200_000 };

type Kept = Pick<KeyRecord, 'keyId' | 'accountId'>;

/** The secrets that a session keeps answers about, each with its key, the longest kept first. */
interface KeptOfSession {
  readonly accountId: string;
  readonly keys: Map<string, string>;
}

/** Which answers guards keep, and for how long. */
export class GuardAnswers {
  readonly #kept = new Map<string, KeptOfSession>();
  readonly #byAccount = new Map<string, Set<KeptOfSession>>();
  readonly #room: FairRoom;

  constructor(
    private readonly sessions: Pick<GuardSessions, 'grant'>,
    private readonly bounds = USAGE_BOUNDS,
  ) {
    this.#room = new FairRoom(bounds.all);
  }

  /**
   * For how many milliseconds the guard may keep the answer; 0: not at all, as of a key with limits, each of whose uses has to be
   * counted here: a refusal too, since a guard that knows its record would judge the next request by it. To be called as the answer is written,
   * without any wait in between: from here on the guard is told of what changes.
   * @param sessionId what the call named; empty: none
   */
  keepFor(sessionId: string, { verdict: { code, record }, stamp }: Judgement): number {
    if (sessionId === '' || record === null || record.limits !== null || !KEPT.has(code)) return 0;
    const ms = this.sessions.grant(sessionId, record, stamp);
    if (ms > 0) this.#keep(sessionId, record);
    return ms;
  }

  /** Whether an answer about the secret was kept under the session, as far as is remembered. */
  wereKept(sessionId: string, secretId: string, { keyId, accountId }: Kept): boolean {
    const kept = this.#kept.get(sessionId);
    return kept?.accountId === accountId && kept.keys.get(secretId) === keyId;
  }

  /** Nobody answers under the session any more. */
  forget(sessionId: string): void {
    const kept = this.#kept.get(sessionId);
    if (kept === undefined) return;
    this.#kept.delete(sessionId);
    const ofAccount = this.#byAccount.get(kept.accountId);
    ofAccount?.delete(kept);
    if (ofAccount?.size === 0) this.#byAccount.delete(kept.accountId);
    this.#room.release(kept.accountId, kept.keys.size);
  }

  /**
   * Where there is no room, the oldest secret of the account's session that keeps most makes it: the more guards an account has, the
   * less each may report of, and none nothing.
   */
  #keep(sessionId: string, { accountId, keyId, secretId }: KeyRecord): void {
    const own = this.#of(sessionId, accountId);
    const isNew = !own.keys.delete(secretId);
    if (isNew && own.keys.size >= this.bounds.ofSession) dropOldest(own);
    else if (isNew && !this.#room.take(accountId)) {
      const largest = this.#largest(own);
      if (largest.keys.size === 0) return;
      dropOldest(largest);
    }
    own.keys.set(secretId, keyId);
  }

  /** Of the sessions of its account; itself where no other keeps more. */
  #largest(own: KeptOfSession): KeptOfSession {
    let largest = own;
    for (const session of this.#byAccount.get(own.accountId) ?? []) if (session.keys.size > largest.keys.size) largest = session;
    return largest;
  }

  #of(sessionId: string, accountId: string): KeptOfSession {
    const known = this.#kept.get(sessionId);
    if (known !== undefined) return known;
    const kept = { accountId, keys: new Map<string, string>() };
    this.#kept.set(sessionId, kept);
    const beside = this.#byAccount.get(accountId);
    if (beside === undefined) this.#byAccount.set(accountId, new Set([kept]));
    else beside.add(kept);
    return kept;
  }
}

function dropOldest({ keys }: KeptOfSession): void {
  const [oldest] = keys.keys();
  if (oldest !== undefined) keys.delete(oldest);
}
