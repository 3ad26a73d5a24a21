import { TOKEN_SHA256_BYTES } from '#libs/key-domain';
import type { Credential } from '#libs/verification';
import { type AskedQuestion, DEFAULT_COST, LIMITS, type QuestionBatch } from './read-question.js';

/** Tags of the contract's fields: number and wire type, each in one byte. */
const QUESTION = {
  token: 0x0a,
  sha256: 0x12,
  requiredScopes: 0x1a,
  productId: 0x22,
  clientIp: 0x2a,
  environment: 0x32,
  cost: 0x38,
  tags: 0x42,
  guardSessionId: 0x4a,
} as const;
const BATCH = { requests: 0x0a, guardSessionId: 0x12 } as const;
const TAG = { name: 0x0a, value: 0x12 } as const;

/** Longer tokens are rare, and no good ones. */
const MAX_TOKEN_LENGTH = 1024;
/** Fields that are no list, before somebody plays with us. */
const MAX_SINGLE_FIELDS = 16;

/**
 * Reads a question in one pass, if it is an ordinary one: known fields within their limits, text in ASCII.
 * @returns null: it may still be a good one, or be refused with a reason; who knows all of the wire format must say
 */
export function readQuickly(message: Buffer): AskedQuestion | null {
  return new QuickReader(message).question(message.length);
}

/** Reads a batch in the same manner, if every one of its questions is ordinary. */
export function readAllQuickly(message: Buffer): QuestionBatch | null {
  return new QuickReader(message).batch();
}

/** What could not be read. */
const UNSURE = -1;

class QuickReader {
  #at = 0;

  constructor(private readonly bytes: Buffer) {}

  batch(): QuestionBatch | null {
    const questions: AskedQuestion[] = [];
    let guardSessionId = '';
    for (let singles = 0; this.#at < this.bytes.length;) {
      const tag = this.bytes[this.#at++];
      const end = this.#endOfField(this.bytes.length);
      if (end === UNSURE) return null;
      if (tag === BATCH.requests) {
        const question = this.question(end);
        if (question === null || questions.push(question) > LIMITS.requests) return null;
      } else {
        const session = tag === BATCH.guardSessionId ? this.#text(end, LIMITS.guardSessionId) : null;
        if (session === null || ++singles > MAX_SINGLE_FIELDS) return null;
        guardSessionId = session;
      }
    }
    return { questions, guardSessionId };
  }

  /** @param end where the question ends */
  question(end: number): AskedQuestion | null {
    let credential: Credential | null = null;
    let requiredScopes: string[] | null = null;
    let productId: string | null = '';
    let clientIp: string | null = '';
    let environment: string | null = '';
    let guardSessionId: string | null = '';
    let cost = DEFAULT_COST;
    for (let singles = 0, tags = 0; this.#at < end;) {
      const tag = this.bytes[this.#at++];
      if (tag === QUESTION.cost) {
        cost = this.#uint32(end);
        if (cost === UNSURE || ++singles > MAX_SINGLE_FIELDS) return null;
        continue;
      }
      const fieldEnd = this.#endOfField(end);
      if (fieldEnd === UNSURE) return null;
      if (tag === QUESTION.requiredScopes) {
        const scope = this.#text(fieldEnd, LIMITS.scope);
        if (scope === null) return null;
        requiredScopes ??= [];
        if (requiredScopes.push(scope) > LIMITS.requiredScopes) return null;
        continue;
      }
      if (tag === QUESTION.tags) {
        if (!this.#skipTag(fieldEnd) || ++tags > LIMITS.tags) return null;
        continue;
      }
      if (++singles > MAX_SINGLE_FIELDS) return null;
      if (tag === QUESTION.sha256) credential = this.#sha256(fieldEnd);
      else if (tag === QUESTION.token) credential = this.#token(fieldEnd);
      else if (tag === QUESTION.productId) productId = this.#text(fieldEnd, LIMITS.productId);
      else if (tag === QUESTION.clientIp) clientIp = this.#text(fieldEnd, LIMITS.clientIp);
      else if (tag === QUESTION.environment) environment = this.#text(fieldEnd, LIMITS.environment);
      else if (tag === QUESTION.guardSessionId) guardSessionId = this.#text(fieldEnd, LIMITS.guardSessionId);
      else return null;
      if (this.#at !== fieldEnd) return null;
    }
    if (credential === null || productId === null || clientIp === null || environment === null || guardSessionId === null) {
      return null;
    }
    return { credential, requiredScopes: requiredScopes ?? NONE, productId, clientIp, environment, cost, guardSessionId };
  }

  #sha256(end: number): Credential | null {
    const start = this.#at;
    if (end - start !== TOKEN_SHA256_BYTES) return null;
    this.#at = end;
    return { sha256: this.bytes.subarray(start, end) };
  }

  #token(end: number): Credential | null {
    const token = this.#text(end, MAX_TOKEN_LENGTH);
    return token === null ? null : { token };
  }

  /** Tags are not used yet, but their limits hold. */
  #skipTag(end: number): boolean {
    for (let fields = 0; this.#at < end; fields += 1) {
      const tag = this.bytes[this.#at++];
      const fieldEnd = this.#endOfField(end);
      if (fieldEnd === UNSURE || fields === 2) return false;
      if (tag !== TAG.name && tag !== TAG.value) return false;
      if (!this.#isAscii(fieldEnd, tag === TAG.name ? LIMITS.tagName : LIMITS.tagValue)) return false;
      this.#at = fieldEnd;
    }
    return true;
  }

  #text(end: number, limit: number): string | null {
    if (!this.#isAscii(end, limit)) return null;
    const start = this.#at;
    this.#at = end;
    return start === end ? '' : this.bytes.toString('latin1', start, end);
  }

  #isAscii(end: number, limit: number): boolean {
    if (end - this.#at > limit) return false;
    let seen = 0;
    for (let index = this.#at; index < end; index += 1) seen |= this.bytes[index] ?? 0x80;
    return seen < 0x80;
  }

  /** Reads the length of a field and returns where it ends, within what holds it. */
  #endOfField(limit: number): number {
    const length = this.#uint32(limit);
    return length === UNSURE || length > limit - this.#at ? UNSURE : this.#at + length;
  }

  #uint32(limit: number): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 28 && this.#at < limit; scale *= 128) {
      const byte = this.bytes[this.#at++] ?? 0;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value < 2 ** 32 ? value : UNSURE;
    }
    return UNSURE;
  }
}

const NONE: readonly string[] = [];
