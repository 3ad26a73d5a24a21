import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, test } from '@jest/globals';
import { VerifyTokenRequest, VerifyTokensRequest } from '#libs/contract';
import { LIMITS, readQuestion, readQuestions } from '../questions/read-question.js';
import { decodeQuestion, decodeQuestions } from './bounded-requests.js';

const MEGABYTES = 4 * 1024 * 1024;
const empty = VerifyTokenRequest.decode(new Uint8Array());
const question: VerifyTokenRequest = {
  ...empty,
  credential: { $case: 'token', value: 'mm_live_x' },
  requiredScopes: Array.from({ length: LIMITS.requiredScopes }, (_, index) => `resource:${index}`),
  tags: Object.fromEntries(Array.from({ length: LIMITS.tags }, (_, index) => [`tag${index}`, 'value'])),
  clientIp: '192.0.2.1',
  cost: 3,
};

describe('a message within the limits', () => {
  test('is decoded as the contract has it', () => {
    const batch = { requests: Array.from({ length: LIMITS.requests }, () => question), guardSessionId: 'session' };
    expect(decodeQuestion(VerifyTokenRequest.encode(question).finish())).toEqual(question);
    expect(decodeQuestions(VerifyTokensRequest.encode(batch).finish())).toEqual(batch);
  });

  test('may hold fields that are not known here, and several credentials, of which the last counts', () => {
    const bytes = Buffer.from([0x0a, 1, 0x61, 0xfa, 0x3e, 1, 0, 0x0a, 1, 0x62]);
    expect(decodeQuestion(bytes).credential).toEqual({ $case: 'token', value: 'b' });
  });
});

describe('a message of more than anybody may ask', () => {
  test('is unpacked no further than its excess: two million questions of no byte each', () => {
    const batch = decodeQuestions(filledWith([0x0a, 0]));
    expect(batch.requests).toHaveLength(LIMITS.requests + 1);
    expect(() => readQuestions(batch)).toThrow(faultAt('requests'));
  });

  test('so are its scopes and its tags', () => {
    const scopes = decodeQuestion(filledWith([0x1a, 0]));
    expect(scopes.requiredScopes).toHaveLength(LIMITS.requiredScopes + 1);
    expect(() => readQuestion(scopes)).toThrow(faultAt('required_scopes'));
    const names = Array.from({ length: 1_000 }, (_, index) => [`tag${index}`, ''] as const);
    const tags = decodeQuestion(VerifyTokenRequest.encode({ ...empty, tags: Object.fromEntries(names) }).finish());
    expect(Object.keys(tags.tags)).toHaveLength(LIMITS.tags + 1);
  });

  test('so is a question within a batch, which is still named by its index', () => {
    const tooLong = { ...question, requiredScopes: Array.from({ length: 100_000 }, () => 'a:b') };
    const bytes = VerifyTokensRequest.encode({ requests: [question, tooLong, question], guardSessionId: '' }).finish();
    const { requests, guardSessionId } = decodeQuestions(bytes);
    expect(requests.map(({ requiredScopes }) => requiredScopes.length)).toEqual([64, 65]);
    expect(() => readQuestions({ requests, guardSessionId })).toThrow(faultAt('requests[1].required_scopes'));
  });

  test('is never answered without what stood behind the excess: tags of one name, then a scope', () => {
    const tags = Array.from({ length: LIMITS.tags + 1 }, () => [0x42, 2, 0x0a, 0]).flat();
    const bytes = Buffer.from([...tags, 0x1a, 3, 0x61, 0x3a, 0x62]);
    expect(() => decodeQuestion(bytes)).toThrow('too many fields');
    expect(() => decodeQuestions(Buffer.from([0x0a, bytes.length, ...bytes]))).toThrow('too many fields');
  });

  test('is no message where one field comes again and again', () => {
    expect(() => decodeQuestion(filledWith([0x12, 0]))).toThrow('too many fields');
    expect(() => decodeQuestions(filledWith([0x12, 0]))).toThrow('too many fields');
    const tag = new BinaryWriter()
      .tag(8, WireType.LengthDelimited)
      .bytes(filledWith([0x0a, 0]))
      .finish();
    expect(() => decodeQuestion(tag)).toThrow('too many fields');
  });

  test('is no message where a group holds it: the contract has none', () => {
    const group = Buffer.concat([Buffer.from([0x7b]), filledWith([0x0a, 0]), Buffer.from([0x7c])]);
    expect(() => decodeQuestion(group)).toThrow('a group');
    expect(() => decodeQuestions(group)).toThrow('a group');
  });
});

function filledWith(record: readonly number[]): Buffer {
  return Buffer.alloc(MEGABYTES, Buffer.from(record));
}

/** An error that finds this one fault. */
function faultAt(path: string): unknown {
  return expect.objectContaining({ faults: [expect.objectContaining({ path })] });
}
