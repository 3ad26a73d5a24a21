import { ApiKeyOptionsError } from '../options-error.js';

/** How much a guard keeps of the verifier's answers, and for what. */
export interface CacheOptions {
  /** Keys that are kept at most; 50,000 if absent. */
  readonly maxEntries?: number;
  /** Bytes that they may take, estimated; 64 MiB if absent. */
  readonly maxBytes?: number;
  /**
   * Milliseconds for which a kept key is let in while no verifier can be reached, counted from the end of the lease
   * that vouched for it; none if absent. **A key that is revoked meanwhile is let in for so long.** It is used for
   * requests let in while no verifier can be reached, and for nothing else: as soon as any verifier answers anything,
   * what no verifier vouches for at that moment is never let in again without being asked about. A verifier that
   * says that it can't judge, since its store is away, counts as one that can't be reached.
   */
  readonly staleWhileUnavailableMs?: number;
}

export type CacheTerms = Required<CacheOptions>;

const DEFAULTS: CacheTerms = { maxEntries: 50_000, maxBytes: 64 * 1024 * 1024, staleWhileUnavailableMs: 0 };

/** A day: longer than any outage that is not better met by a decision. */
const MOST_STALE_MS = 86_400_000;

/** What is kept, by the option `cache`; null: nothing. @throws ApiKeyOptionsError */
export function cacheTerms(cache: CacheOptions | false | undefined): CacheTerms | null {
  if (cache === false) return null;
  const terms = { ...DEFAULTS, ...cache };
  assertWhole('maxEntries', terms.maxEntries, 1, 10_000_000);
  assertWhole('maxBytes', terms.maxBytes, 1_000_000, Number.MAX_SAFE_INTEGER);
  assertWhole('staleWhileUnavailableMs', terms.staleWhileUnavailableMs, 0, MOST_STALE_MS);
  return terms;
}

function assertWhole(name: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new ApiKeyOptionsError(`cache.${name} takes a whole number from ${least} to ${most}, not ${String(value)}`);
}
