import type { GuardSessions } from '#libs/coherence';
import type { KeyRecord, VerdictCode } from '#libs/key-domain';
import type { Judgement } from '#libs/verification';
import { Holdings } from './holdings.js';

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
  /** Of all sessions together, shared evenly by the accounts that keep as many. */
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
  /** How many secrets are kept of each account. */
  readonly #ofAccounts = new Holdings();

  constructor(
    private readonly sessions: Pick<GuardSessions, 'grant'>,
    private readonly bounds = USAGE_BOUNDS,
  ) {}

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
    if (kept.keys.size > 0) this.#ofAccounts.remove(kept.accountId, kept.keys.size);
  }

  /**
   * Where there is no room, the account that keeps most makes it, by the oldest secret of its session that keeps most: the more accounts
   * there are, or guards of one, the less each may report of, and none nothing.
   */
  #keep(sessionId: string, { accountId, keyId, secretId }: KeyRecord): void {
    const own = this.#of(sessionId, accountId);
    const isNew = !own.keys.delete(secretId);
    if (isNew) {
      if (own.keys.size >= this.bounds.ofSession) this.#dropOldest(own);
      else if (this.#ofAccounts.total >= this.bounds.all) this.#dropOldest(this.#largestBeside(own));
      this.#ofAccounts.add(accountId);
    }
    own.keys.set(secretId, keyId);
  }

  /** The session that keeps most, of the account that does; of a session's own account, where no other one keeps more. */
  #largestBeside({ accountId }: KeptOfSession): KeptOfSession | undefined {
    const most = this.#ofAccounts.largest() ?? accountId;
    const giving = this.#ofAccounts.of(most) > this.#ofAccounts.of(accountId) ? most : accountId;
    let largest: KeptOfSession | undefined;
    for (const session of this.#byAccount.get(giving) ?? []) if (session.keys.size > (largest?.keys.size ?? 0)) largest = session;
    return largest;
  }

  #dropOldest(kept: KeptOfSession | undefined): void {
    const [oldest] = kept?.keys.keys() ?? [];
    if (kept === undefined || oldest === undefined) return;
    kept.keys.delete(oldest);
    this.#ofAccounts.remove(kept.accountId, 1);
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
