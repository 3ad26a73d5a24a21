import type { KeyRecord, Verdict } from '#libs/key-domain';
import { AnswerTooLargeError } from '../grpc/answer-too-large.js';
import type { AnswerWriter } from './write-answer.js';

/** Bytes of the largest message that a client of gRPC takes, unless it was told otherwise. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** Bytes at most that an answer takes beside its grant: a longer sentence, times, the quota and its place among the others. */
const BESIDE_GRANT = 160;
/** Bytes at most of what is left of a rate limit, without its name. */
const RATE_LIMIT = 64;
/** Bytes at most of a character, as JavaScript counts them. */
const CHARACTER = 3;

/**
 * A client that refuses an answer can't tell whether anything was counted, and asks again: so what it would refuse is not counted.
 * One question that stands alone is answered whatever its size.
 * @throws AnswerTooLargeError
 */
export function assertAnswersFit(verdicts: readonly Verdict[], writer: AnswerWriter, most = MAX_ANSWER_BYTES): void {
  if (verdicts.length === 1) return;
  const ofValid = new Map<KeyRecord, number>();
  let bytes = 0;
  for (const verdict of verdicts) {
    const known = verdict.code === 'VALID' ? ofValid.get(verdict.record) : undefined;
    const size = known ?? mostBytes(verdict, writer);
    if (verdict.code === 'VALID') ofValid.set(verdict.record, size);
    bytes += size;
    if (bytes > most) throw new AnswerTooLargeError(most);
  }
}

function mostBytes(verdict: Verdict, writer: AnswerWriter): number {
  const rates = verdict.record?.limits?.rateLimits ?? [];
  const left = rates.reduce((sum, { name }) => sum + RATE_LIMIT + CHARACTER * name.length, 0);
  return BESIDE_GRANT + left + writer.write(verdict).length;
}
