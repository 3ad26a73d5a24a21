import { VerifyTokenResponse } from '#libs/contract';
import type { LimitsLeft, Verdict } from '#libs/key-domain';
import { QuickWriter, writeLength } from './quick-writer.js';
import { ReadyAnswers } from './ready-answers.js';
import { writeResponse } from './write-response.js';

/** Field `responses` of a batch's answer: number 1, with a length. */
const RESPONSES = 0x0a;
/** Most bytes that a length takes. */
const MAX_LENGTH_BYTES = 5;

/**
 * Encodes verdicts. What is said of a valid key without limits follows from its record alone, and a record never changes: a
 * change makes another one. So its bytes are made once and held ready.
 */
export class AnswerWriter {
  readonly #ready = new ReadyAnswers();
  readonly #quick = new QuickWriter();

  /**
   * @param left of the key's limits; null: they were not judged, or it has none
   * @param keepMs for how long the answer may be kept; 0: not at all
   * @returns an encoded VerifyTokenResponse, not to be written to
   */
  write(verdict: Verdict, left: LimitsLeft | null = null, keepMs = 0): Buffer {
    const answer = left === null ? this.#write(verdict) : encode(verdict, left);
    return keepMs === 0 ? answer : Buffer.concat([answer, cacheTtl(keepMs)]);
  }

  #write(verdict: Verdict): Buffer {
    if (verdict.code !== 'VALID') return encode(verdict);
    const ready = this.#ready.get(verdict.record);
    if (ready !== undefined) return ready;
    const made = this.#quick.write(verdict.record) ?? encode(verdict);
    this.#ready.keep(verdict.record, made);
    return made;
  }
}

function encode(verdict: Verdict, left: LimitsLeft | null = null): Buffer {
  return Buffer.from(VerifyTokenResponse.encode(writeResponse(verdict, left)).finish());
}

const NOTHING = VerifyTokenResponse.decode(new Uint8Array());

/** The field alone: messages that stand one after the other are read as one. */
function cacheTtl(ms: number): Uint8Array {
  const ttl = { seconds: Math.floor(ms / 1000), nanos: (ms % 1000) * 1_000_000 };
  return VerifyTokenResponse.encode({ ...NOTHING, cacheTtl: ttl }).finish();
}

/** @returns an encoded VerifyTokensResponse */
export function writeBatch(answers: readonly Buffer[]): Buffer {
  let most = 0;
  for (const answer of answers) most += 1 + MAX_LENGTH_BYTES + answer.length;
  const batch = Buffer.allocUnsafe(most);
  let at = 0;
  for (const answer of answers) {
    batch[at++] = RESPONSES;
    at = writeLength(batch, at, answer.length);
    at += answer.copy(batch, at);
  }
  return batch.subarray(0, at);
}
