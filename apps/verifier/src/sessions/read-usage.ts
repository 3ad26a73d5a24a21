import { type ReportUsageRequest, type SecretUsage } from '#libs/contract';
import { InvalidRequestError } from '#libs/key-domain';
import { LIMITS } from '../questions/read-question.js';

/** What a report may hold: elements, and characters of a name. */
export const USAGE_LIMITS = { usage: 1_000, name: 128 } as const;

/** Reports come every ten seconds: beyond these, a use is counted as the most there can be. */
export const MOST_REPORTED = { sinceLastMs: 3_600_000, verifications: 10_000_000 } as const;

export interface ReportedUse {
  readonly keyId: string;
  readonly secretId: string;
  readonly verifications: number;
  /** Milliseconds before the report, an hour at most. */
  readonly sinceLast: number;
}

/** @throws InvalidRequestError naming the field */
export function readUsage({ guardSessionId, usage }: ReportUsageRequest): readonly ReportedUse[] {
  if (guardSessionId === '') throw InvalidRequestError.at('guard_session_id', 'is missing');
  refuseOver('guard_session_id', guardSessionId, LIMITS.guardSessionId);
  if (usage.length > USAGE_LIMITS.usage) throw InvalidRequestError.at('usage', `takes at most ${USAGE_LIMITS.usage}`);
  return usage.map((use, index) => readUse(use, `usage[${index}].`));
}

function readUse({ keyId, secretId, verifications, sinceLast }: SecretUsage, path: string): ReportedUse {
  refuseOver(`${path}key_id`, keyId, USAGE_LIMITS.name);
  refuseOver(`${path}secret_id`, secretId, USAGE_LIMITS.name);
  const ms = sinceLast === undefined ? 0 : sinceLast.seconds * 1000 + sinceLast.nanos / 1_000_000;
  if (ms < 0) throw InvalidRequestError.at(`${path}since_last`, 'lies in the future');
  return {
    keyId,
    secretId,
    verifications: Math.min(verifications, MOST_REPORTED.verifications),
    sinceLast: Math.min(ms, MOST_REPORTED.sinceLastMs),
  };
}

function refuseOver(path: string, text: string, limit: number): void {
  if (text.length > limit) throw InvalidRequestError.at(path, `takes at most ${limit} characters`);
}
