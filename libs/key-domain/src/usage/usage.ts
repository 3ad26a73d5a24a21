import { REFUSAL_CODES, type VerdictCode } from '../verdict/code.js';

/** What a verification is counted by: the verdicts that are about a key. */
export type UsageOutcome = Exclude<VerdictCode, 'MALFORMED' | 'NOT_FOUND'>;

export const USAGE_OUTCOMES: readonly UsageOutcome[] = ['VALID', ...REFUSAL_CODES.filter(isOfKey)];

function isOfKey<Code extends VerdictCode>(code: Code): code is Exclude<Code, 'MALFORMED' | 'NOT_FOUND'> {
  return code !== 'MALFORMED' && code !== 'NOT_FOUND';
}

/** What verifications are told by; both in UTC. */
export const GRANULARITIES = ['hour', 'day'] as const;
export type Granularity = (typeof GRANULARITIES)[number];

export const GRANULE_MS: Readonly<Record<Granularity, number>> = { hour: 3_600_000, day: 86_400_000 };

/** For how many days counts are kept at least. */
export const USAGE_KEPT_DAYS: Readonly<Record<Granularity, number>> = { hour: 90, day: 400 };
