import { KeyGrant, VerificationCode, VerifyTokenResponse } from '#libs/contract';
import type { KeyRecord } from '#libs/key-domain';
import { MESSAGES } from './write-response.js';

/** Tags of the contract's fields: number and wire type, each in one byte. */
const GRANT = 0x22;
const FIELD = {
  keyId: 0x0a,
  secretId: 0x12,
  accountId: 0x1a,
  ownerId: 0x22,
  name: 0x2a,
  environment: 0x32,
  scopes: 0x3a,
  allProducts: 0x40,
  productIds: 0x4a,
  allowedCidrs: 0x52,
  metadata: 0x62,
} as const;

/** What every answer about a valid key begins with. */
const VALID = VerifyTokenResponse.encode({
  ...VerifyTokenResponse.decode(new Uint8Array()),
  valid: true,
  code: VerificationCode.VERIFICATION_CODE_VALID,
  message: MESSAGES.VALID,
}).finish();

const NO_GRANT = KeyGrant.decode(new Uint8Array());

/** A grant whose texts take more is no ordinary one. */
const MOST_BYTES = 16 * 1024;
/** Most bytes that a length and its tag take. */
const HEAD_BYTES = 6;
/** Most bytes that a UTF-16 unit takes in UTF-8. */
const UNIT_BYTES = 3;

/** Writes the answer about a valid key, byte for byte as the generated code does, in a quarter of its time. */
export class QuickWriter {
  readonly #bytes = Buffer.allocUnsafeSlow(MOST_BYTES);
  #at = 0;

  /** @returns an encoded VerifyTokenResponse; null: it is too long to be written quickly */
  write(record: KeyRecord): Buffer | null {
    this.#at = 0;
    if (!this.#fits(record)) return null;
    this.#text(FIELD.keyId, record.keyId);
    this.#text(FIELD.secretId, record.secretId);
    this.#text(FIELD.accountId, record.accountId);
    this.#text(FIELD.ownerId, record.ownerId ?? '');
    this.#text(FIELD.name, record.name);
    this.#text(FIELD.environment, record.environment ?? '');
    for (const scope of record.scopes) this.#element(FIELD.scopes, scope);
    if (record.products === 'all') this.#tagged(FIELD.allProducts, 1);
    else for (const productId of record.products) this.#element(FIELD.productIds, productId);
    for (const range of record.allowedCidrs) this.#element(FIELD.allowedCidrs, range);
    return this.#answer(restOf(record));
  }

  #fits({ products, scopes, allowedCidrs, ...record }: KeyRecord): boolean {
    let most = 0;
    const add = (text: string | null) => (most += HEAD_BYTES + UNIT_BYTES * (text?.length ?? 0));
    for (const text of [record.keyId, record.secretId, record.accountId, record.ownerId, record.name, record.environment])
      add(text);
    for (const list of [scopes, products === 'all' ? [] : products, allowedCidrs]) list.forEach(add);
    return most <= MOST_BYTES - HEAD_BYTES;
  }

  #answer(rest: Uint8Array): Buffer {
    const grantBytes = this.#at + rest.length;
    const answer = Buffer.allocUnsafe(VALID.length + HEAD_BYTES + grantBytes);
    answer.set(VALID);
    answer[VALID.length] = GRANT;
    let at = writeLength(answer, VALID.length + 1, grantBytes);
    at += this.#bytes.copy(answer, at, 0, this.#at);
    answer.set(rest, at);
    return answer.subarray(0, at + rest.length);
  }

  /** Proto3: an empty one is not written. */
  #text(tag: number, text: string): void {
    if (text !== '') this.#element(tag, text);
  }

  #element(tag: number, text: string): void {
    this.#bytes[this.#at] = tag;
    this.#at = writeLength(this.#bytes, this.#at + 1, Buffer.byteLength(text));
    this.#at += this.#bytes.write(text, this.#at);
  }

  #tagged(tag: number, value: number): void {
    this.#bytes[this.#at++] = tag;
    this.#bytes[this.#at++] = value;
  }
}

const NO_METADATA = Uint8Array.of(FIELD.metadata, 0);

/** The end and the metadata, which few keys have: the last fields of a grant. */
function restOf({ expiresAt, metadata }: KeyRecord): Uint8Array {
  if (expiresAt === null && Object.keys(metadata).length === 0) return NO_METADATA;
  return KeyGrant.encode({ ...NO_GRANT, expiresAt: expiresAt === null ? undefined : new Date(expiresAt), metadata }).finish();
}

/** A varint, as the wire format has it; returns where it ends. */
export function writeLength(bytes: Uint8Array, start: number, length: number): number {
  let at = start;
  let left = length;
  for (; left > 0x7f; left >>>= 7) bytes[at++] = (left & 0x7f) | 0x80;
  bytes[at++] = left;
  return at;
}
