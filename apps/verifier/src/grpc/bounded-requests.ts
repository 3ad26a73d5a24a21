import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { VerifyTokenRequest, VerifyTokensRequest } from '#libs/contract';
import { LIMITS } from '../questions/read-question.js';

/** Fields of the contract that are lists, by number, with the elements that they may hold. */
const REQUESTS = 1;
const TAGS = 8;
const LISTS: ReadonlyMap<number, number> = new Map([
  [3, LIMITS.requiredScopes],
  [TAGS, LIMITS.tags],
]);

/** Any other field may come again, the last one counting. Nobody sends so many. */
const MAX_OTHER_FIELDS = 100;

/**
 * Decodes a question. Messages are decoded before anybody has looked at the service key, and two bytes on the wire
 * become an object: from a list that is too long, no more is unpacked than what shows that it is.
 * @throws Error for what is no message, or one of far too many fields
 */
export function decodeQuestion(bytes: Uint8Array): VerifyTokenRequest {
  const counted = upToExcess(bytes);
  const question = VerifyTokenRequest.decode(counted);
  if (counted.length < bytes.length) assertRefusable(question);
  return question;
}

/** Decodes a batch in the same manner, up to the first question that is one too many or holds too much itself. */
export function decodeQuestions(bytes: Uint8Array): VerifyTokensRequest {
  const reader = new BinaryReader(bytes);
  let requests = 0;
  for (let others = 0; reader.pos < reader.len;) {
    const start = reader.pos;
    const [field, wireType] = reader.tag();
    if (field !== REQUESTS || wireType !== WireType.LengthDelimited) {
      skip(reader, field, wireType);
      refuseOver(++others);
      continue;
    }
    const question = reader.bytes();
    if (upToExcess(question).length < question.length) return withLast(bytes.subarray(0, start), decodeQuestion(question));
    if (++requests > LIMITS.requests) return VerifyTokensRequest.decode(bytes.subarray(0, reader.pos));
  }
  return VerifyTokensRequest.decode(bytes);
}

function withLast(bytes: Uint8Array, last: VerifyTokenRequest): VerifyTokensRequest {
  const batch = VerifyTokensRequest.decode(bytes);
  return { ...batch, requests: [...batch.requests, last] };
}

/** Fields of a tag beyond its name and its value. */
function fieldsBeyond(tag: Uint8Array): number {
  const reader = new BinaryReader(tag);
  let fields = 0;
  for (; reader.pos < reader.len; fields += 1) {
    const [field, wireType] = reader.tag();
    skip(reader, field, wireType);
    refuseOver(fields);
  }
  return Math.max(0, fields - 2);
}

/** A group holds fields without end, and the contract has none. */
function skip(reader: BinaryReader, field: number, wireType: WireType): void {
  if (wireType === WireType.StartGroup) throw new Error('the message has a group');
  reader.skip(wireType, field);
}

/** The bytes of a question up to the first element that its list may not hold; all of them where there is none. */
function upToExcess(bytes: Uint8Array): Uint8Array {
  const reader = new BinaryReader(bytes);
  const counts = new Map<number, number>();
  for (let others = 0; reader.pos < reader.len;) {
    const [field, wireType] = reader.tag();
    if (field === TAGS && wireType === WireType.LengthDelimited) refuseOver((others += fieldsBeyond(reader.bytes())));
    else skip(reader, field, wireType);
    const most = LISTS.get(field);
    if (most === undefined) {
      refuseOver(++others);
      continue;
    }
    const count = (counts.get(field) ?? 0) + 1;
    if (count > most) return bytes.subarray(0, reader.pos);
    counts.set(field, count);
  }
  return bytes;
}

/** What was cut short must never be answered: it may have lost a scope that it requires. Tags of one name count once. */
function assertRefusable({ requiredScopes, tags }: VerifyTokenRequest): void {
  if (requiredScopes.length <= LIMITS.requiredScopes && Object.keys(tags).length <= LIMITS.tags) throw tooManyFields();
}

function tooManyFields(): Error {
  return new Error('the message has too many fields');
}

function refuseOver(others: number): void {
  if (others > MAX_OTHER_FIELDS) throw tooManyFields();
}
