import { Injectable } from '@nestjs/common';
import { GuardSessions } from '#libs/coherence';
import type { VerdictCode } from '#libs/key-domain';
import type { Judgement } from '#libs/verification';
import { LRUCache } from 'lru-cache';

/** Verdicts on a key that is neither revoked nor disabled nor suspended: a guard that knows its record can repeat them. */
const KEPT: ReadonlySet<VerdictCode> = new Set<VerdictCode>([
  'VALID',
  'ENVIRONMENT_MISMATCH',
  'IP_NOT_ALLOWED',
  'PRODUCT_NOT_ALLOWED',
  'INSUFFICIENT_SCOPE',
]);

/** Secrets of which guards may report uses, each session's own: some 20 MB. */
const MAX_KEPT_SECRETS = 100_000;

interface KeptSecret {
  readonly keyId: string;
  readonly accountId: string;
}

/** Which answers guards keep, and for how long. */
@Injectable()
export class GuardAnswers {
  readonly #kept = new LRUCache<string, KeptSecret>({ max: MAX_KEPT_SECRETS });

  constructor(private readonly sessions: GuardSessions) {}

  /**
   * For how many milliseconds the guard may keep the answer; 0: not at all. To be called as the answer is written,
   * without any wait in between: from here on the guard is told of what changes.
   * @param sessionId what the call named; empty: none
   */
  keepFor(sessionId: string, { verdict: { code, record }, stamp }: Judgement): number {
    if (sessionId === '' || record === null || !KEPT.has(code)) return 0;
    const ms = this.sessions.grant(sessionId, record, stamp);
    if (ms > 0) this.#kept.set(nameOf(sessionId, record.secretId), { keyId: record.keyId, accountId: record.accountId });
    return ms;
  }

  /** Whether an answer about the secret was kept under the session, as far as is remembered. */
  wereKept(sessionId: string, secretId: string, { keyId, accountId }: KeptSecret): boolean {
    const kept = this.#kept.get(nameOf(sessionId, secretId));
    return kept?.keyId === keyId && kept.accountId === accountId;
  }
}

function nameOf(sessionId: string, secretId: string): string {
  return `${sessionId} ${secretId}`;
}
