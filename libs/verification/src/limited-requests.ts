import {
  type Counters,
  decide,
  type KeyLimits,
  type KeyRecord,
  type LimitsLeft,
  type Taken,
  type Taking,
  type Verdict,
  type VerdictRequest,
} from '#libs/key-domain';
import type { LimitTakings } from './limit-takings.js';

type LimitedRecord = KeyRecord & { readonly limits: KeyLimits };

/** A request of a good key that has limits. */
export interface LimitedRequest {
  readonly record: LimitedRecord;
  readonly request: VerdictRequest;
}

/** What stands of such a request once it is counted. */
export interface CountedVerdict {
  readonly verdict: Verdict;
  /** Null: the key is gone. */
  readonly left: LimitsLeft | null;
  /** The store's clock, in milliseconds since the Unix epoch; null: the key is gone. */
  readonly now: number | null;
}

/** The key of a verdict that stands only once its use is counted; null: the verdict stands. */
export function limitedRecord({ code, record }: Verdict): LimitedRecord | null {
  return code === 'VALID' && isLimited(record) ? record : null;
}

/**
 * Counts requests of one account's keys, all of them together.
 * @param until by the monotonic clock, in milliseconds: when counting is not to begin any more
 * @returns in the order of the requests
 * @throws UnavailableError when they can't be counted: none of them is
 */
export async function countRequests(
  takings: LimitTakings,
  requests: readonly LimitedRequest[],
  until: number,
): Promise<readonly CountedVerdict[]> {
  const [first] = requests;
  if (first === undefined) return [];
  const taken = await takings.take(first.record.accountId, requests.map(takingOf), until);
  return requests.map((request, place) => verdictOn(request, taken[place] ?? null));
}

function verdictOn({ record, request }: LimitedRequest, taken: Taken | null): CountedVerdict {
  if (taken === null) return { verdict: decide(null, request, null, 0), left: null, now: null };
  const { counters, left, now } = taken;
  return { verdict: decide(record, request, counters, now), left, now };
}

function takingOf({ record, request }: LimitedRequest): Taking {
  const { keyId, limits } = record;
  const admits = (counters: Counters, now: number) => decide(record, request, counters, now).code === 'VALID';
  return { keyId, limits, cost: request.cost, admits };
}

function isLimited(record: KeyRecord): record is LimitedRecord {
  return record.limits !== null;
}
