import {
  approximateBytes,
  type Clock,
  decide,
  type KeyRecord,
  type LoggedChange,
  type Moment,
  momentOf,
  type ReadStamp,
  type RecordFootprint,
  RecordMemory,
  type Remembered,
  type Verdict,
  type VerdictCode,
  type VerdictRequest,
} from '#libs/key-domain';
import { LRUCache } from 'lru-cache';
import { withGrant } from '../key-grant.js';
import type { GuardSession } from '../sessions/guard-session.js';
import { SESSION_TERMS } from '../sessions/session-terms.js';
import type { KeptUses } from '../sessions/usage-reports.js';
import type { GuardQuestion, Judgement, PresentedQuestion } from '../token-verifier.js';
import type { CacheTerms } from './cache-options.js';

/** The verdicts whose record is known to be enabled, unrevoked and unsuspended: no other is kept, whatever a verifier says. */
const KEEPABLE: ReadonlySet<VerdictCode> = new Set<VerdictCode>([
  'VALID',
  'ENVIRONMENT_MISMATCH',
  'IP_NOT_ALLOWED',
  'PRODUCT_NOT_ALLOWED',
  'INSUFFICIENT_SCOPE',
]);

/** Of a key with limits nothing is: each of its requests has to be counted, so that what it costs never matters to what is kept. */
export function isKeepable({ verdict, left }: Judgement): boolean {
  return left === null && KEEPABLE.has(verdict.code);
}

/** Of a kept answer, its grant included. */
const FOOTPRINT: RecordFootprint = { entry: 1_000, text: 32, metadata: 6, limits: 200 };

/** An answer as it came, and what was known before it was asked for. */
export interface NewAnswer {
  readonly judgement: Judgement;
  /** How long it may be kept, in milliseconds; 0: not at all. */
  readonly ttlMs: number;
  readonly session: GuardSession;
  readonly stamp: ReadStamp;
  readonly asked: Moment;
}

/** Under which session an answer is kept and until when. */
interface KeptUnder extends KeptUses {
  readonly session: GuardSession;
  readonly endsMonotonic: number;
  readonly endsWall: number;
}

/**
 * What verifiers answered, by token. An answer belongs to the session that it was asked under: it is used only while
 * that lives and its lease lasts, and until its own end. It keeps no token, and what it judges it judges anew.
 */
export class KeptAnswers {
  readonly #memory: RecordMemory<KeptUnder>;
  readonly #maxBytes: number;
  /** When a verifier was last heard, whichever. */
  #heard: Moment = { monotonic: -Infinity, wall: -Infinity };

  constructor(
    private readonly clock: Clock,
    { maxEntries, maxBytes }: Pick<CacheTerms, 'maxEntries' | 'maxBytes'>,
  ) {
    this.#maxBytes = maxBytes;
    this.#memory = new RecordMemory<KeptUnder>(
      (dispose) =>
        new LRUCache<string, Remembered<KeptUnder>>({
          max: maxEntries,
          maxSize: maxBytes,
          sizeCalculation: ({ record }) => (record === null ? 1 : approximateBytes(record, FOOTPRINT)),
          dispose,
        }),
    );
  }

  get size(): number {
    return this.#memory.size;
  }

  heard(): void {
    this.#heard = momentOf(this.clock);
  }

  /** Forgets what is kept of a token: something newer is known. */
  drop(tokenName: string): void {
    this.#memory.delete(tokenName);
  }

  /** Keeps an answer, if nothing that was told since before it was asked for touches it. */
  keep(tokenName: string, { judgement, ttlMs, session, stamp, asked }: NewAnswer): void {
    const { record } = judgement.verdict;
    if (record === null || ttlMs === 0 || !isKeepable(judgement)) return;
    if (record.accountId !== session.accountId || !session.isUnchangedSince(stamp, record)) return;
    if (approximateBytes(record, FOOTPRINT) > this.#maxBytes) return;
    const keptMs = Math.min(ttlMs, SESSION_TERMS.longestKept);
    const ends = { endsMonotonic: asked.monotonic + keptMs, endsWall: asked.wall + keptMs };
    this.#memory.set(tokenName, { record: withGrant(record), handles: [], source: { session, ...ends, uses: 0, lastUse: 0 } });
  }

  /** Null: nothing is kept that may be used at this moment. */
  judge(question: PresentedQuestion): Verdict | null {
    const kept = this.#memory.get(question.tokenName);
    if (kept === undefined || kept.record === null) return null;
    const { record, source } = kept;
    const now = momentOf(this.clock);
    if (!source.session.mayAnswer(now)) {
      if (source.session.isForgotten(now, this.#heard)) this.#memory.delete(question.tokenName);
      return null;
    }
    if (now.monotonic >= source.endsMonotonic || now.wall >= source.endsWall) return null;
    return judged(record, source, question, now);
  }

  /**
   * The same while no verifier can be reached: of what might have been used when the session that vouched for it did so
   * last, unless any verifier was heard since.
   */
  judgeUnavailable(tokenName: string, question: GuardQuestion): Verdict | null {
    const kept = this.#memory.get(tokenName);
    if (kept === undefined || kept.record === null) return null;
    const { record, source } = kept;
    const now = momentOf(this.clock);
    const { session, endsMonotonic, endsWall } = source;
    if (!session.mayAnswerUnavailable(now, this.#heard)) return null;
    if (endsMonotonic < session.vouchedUntil.monotonic || endsWall < session.vouchedUntil.wall) return null;
    return judged(record, source, question, now);
  }

  forget(change: LoggedChange): void {
    this.#memory.forget(change);
  }

  clear(): void {
    this.#memory.clear();
  }
}

function judged(record: KeyRecord, under: KeptUnder, question: GuardQuestion, now: Moment): Verdict {
  const { session } = under;
  const request = verdictRequest(question, session.accountId, true);
  const verdict = decide(record, request, null, record.expiresAt === null ? 0 : session.storeTime(now));
  if (verdict.code === 'VALID') session.usage.note(record, under, now.monotonic);
  return verdict;
}

export function verdictRequest(question: GuardQuestion, accountId: string, wellFormed: boolean): VerdictRequest {
  const { requiredScopes, productId, clientIp, environment, cost } = question;
  return { wellFormed, accountId, requiredScopes, productId, clientIp, environment, cost };
}
