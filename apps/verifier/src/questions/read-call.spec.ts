import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { VerifyTokenRequest, VerifyTokensRequest } from '#libs/contract';
import { InvalidRequestError } from '#libs/key-domain';
import { readAllQuickly, readQuickly } from './quick-reader.js';
import { type Asked, readVerifyToken, readVerifyTokens } from './read-call.js';
import { LIMITS, readQuestion, readQuestions } from './read-question.js';

const text = (limit: number) =>
  fc.oneof(
    { weight: 6, arbitrary: fc.string({ maxLength: 12 }) },
    { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 12 }) },
    { weight: 1, arbitrary: fc.nat({ max: limit + 2 }).map((length) => 'x'.repeat(length)) },
  );

/** One field on the wire, as it may come from anybody. */
type Field = (writer: BinaryWriter) => BinaryWriter;
const textField = (number: number, limit: number): fc.Arbitrary<Field> =>
  text(limit).map((value) => (writer) => writer.tag(number, WireType.LengthDelimited).string(value));
const bytesField = (number: number, bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Field> =>
  bytes.map((value) => (writer) => writer.tag(number, WireType.LengthDelimited).bytes(value));

const cost: fc.Arbitrary<Field> = fc.oneof(
  fc.nat({ max: 2 ** 32 - 1 }).map(
    (value): Field =>
      (writer) =>
        writer.tag(7, WireType.Varint).uint32(value),
  ),
  fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(
    (value): Field =>
      (writer) =>
        writer.tag(7, WireType.Varint).uint64(value),
  ),
);
const tag: fc.Arbitrary<Field> = fc
  .array(fc.oneof(textField(1, LIMITS.tagName), textField(2, LIMITS.tagValue), textField(3, 1)), { maxLength: 3 })
  .map(
    (fields) => (writer) => fields.reduce((inner, field) => field(inner), writer.tag(8, WireType.LengthDelimited).fork()).join(),
  );
const unknown: fc.Arbitrary<Field> = fc.oneof(
  bytesField(15, fc.uint8Array({ maxLength: 8 })),
  fc.nat().map(
    (value): Field =>
      (writer) =>
        writer.tag(1000, WireType.Bit32).fixed32(value),
  ),
  fc.nat({ max: 9 }).map(
    (number): Field =>
      (writer) =>
        writer.tag(number + 1, WireType.Varint).uint32(1),
  ),
  fc.nat({ max: 9 }).map(
    (number): Field =>
      (writer) =>
        writer.tag(number + 1, WireType.StartGroup).tag(number + 1, WireType.EndGroup),
  ),
);
const field = fc.oneof(
  textField(1, 1030),
  bytesField(
    2,
    fc.oneof({ weight: 5, arbitrary: fc.uint8Array({ minLength: 32, maxLength: 32 }) }, fc.uint8Array({ maxLength: 40 })),
  ),
  textField(3, LIMITS.scope),
  textField(4, LIMITS.productId),
  textField(5, LIMITS.clientIp),
  textField(6, LIMITS.environment),
  cost,
  tag,
  textField(9, LIMITS.guardSessionId),
);
const fields = fc.oneof(
  { weight: 4, arbitrary: fc.array(field, { maxLength: 12 }) },
  { weight: 2, arbitrary: fc.array(fc.oneof({ weight: 5, arbitrary: field }, unknown), { maxLength: 12 }) },
  // The same field many times: lists over their limit, and more single fields than anybody sends.
  {
    weight: 1,
    arbitrary: fc.tuple(field, fc.integer({ min: 1, max: 110 })).map(([one, times]) => new Array<Field>(times).fill(one)),
  },
);
const message = fields.map((all) => all.reduce((writer, one) => one(writer), new BinaryWriter()).finish());

/** What a hostile or a broken client makes of it. */
function damaged(bytes: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Buffer> {
  const flips = fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 3 });
  return fc.tuple(bytes, fc.option(fc.nat(), { freq: 3 }), fc.option(flips, { freq: 2 })).map(([whole, cut, changes]) => {
    const copy = Buffer.from(whole.subarray(0, cut === null ? whole.length : cut % (whole.length + 1)));
    for (const [place, value] of changes ?? []) if (copy.length > 0) copy[place % copy.length] = value;
    return copy;
  });
}

const batch = fc
  .array(fc.oneof({ weight: 6, arbitrary: bytesField(1, message) }, textField(2, LIMITS.guardSessionId), unknown), {
    maxLength: 6,
  })
  .map((all) => all.reduce((writer, one) => one(writer), new BinaryWriter()).finish());

const RUNS = { numRuns: 2_000 };

describe('what a message asks', () => {
  test('is what the generated codec reads in it, whatever its bytes: VerifyToken', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          damaged(message),
          fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
        ),
        (bytes) => {
          const wanted = outcome(() => {
            const question = readQuestion(VerifyTokenRequest.decode(bytes));
            return { questions: [question], guardSessionId: question.guardSessionId };
          });
          answeredOnlyAs(
            outcome(() => readVerifyToken(bytes)),
            wanted,
          );
        },
      ),
      RUNS,
    );
  });

  test('is what the generated codec reads in it, whatever its bytes: VerifyTokens', () => {
    fc.assert(
      fc.property(damaged(batch), (bytes) => {
        const wanted = outcome(() => readQuestions(VerifyTokensRequest.decode(bytes)));
        answeredOnlyAs(
          outcome(() => readVerifyTokens(bytes)),
          wanted,
        );
      }),
      RUNS,
    );
  });

  const ordinary: VerifyTokenRequest = {
    credential: { $case: 'tokenSha256', value: Buffer.alloc(32, 0xe9) },
    requiredScopes: ['garments:read', 'garments:write'],
    productId: 'prd_1',
    clientIp: '2001:db8::1',
    environment: 'live',
    cost: 2 ** 32 - 1,
    tags: { route: '/garments', method: 'GET' },
    guardSessionId: 's'.repeat(LIMITS.guardSessionId),
  };

  test('is answered, or refused for the same reasons, where a client wrote it with a generated codec', () => {
    fc.assert(
      fc.property(fc.array(field, { maxLength: 12 }), (all) => {
        const bytes = Buffer.from(all.reduce((writer, one) => one(writer), new BinaryWriter()).finish());
        const read = () => {
          const question = readQuestion(VerifyTokenRequest.decode(bytes));
          return { questions: [question], guardSessionId: question.guardSessionId };
        };
        expect(outcome(() => readVerifyToken(bytes))).toEqual(outcome(read));
      }),
      RUNS,
    );
  });

  test('is read in one pass where it is ordinary', () => {
    const { tags, credential, ...rest } = ordinary;
    expect(Object.keys(tags)).toHaveLength(2);
    const question = { ...rest, credential: { sha256: credential?.value } };
    expect(readQuickly(Buffer.from(VerifyTokenRequest.encode(ordinary).finish()))).toEqual(question);
    const requests = new Array<VerifyTokenRequest>(LIMITS.requests).fill(ordinary);
    const bytes = Buffer.from(VerifyTokensRequest.encode({ requests, guardSessionId: 'session' }).finish());
    expect(readAllQuickly(bytes)).toEqual({ questions: requests.map(() => question), guardSessionId: 'session' });
  });

  test('is refused for the same reasons where a field is too long, and named', () => {
    const bytes = Buffer.from(VerifyTokenRequest.encode({ ...ordinary, environment: 'x'.repeat(33) }).finish());
    expect(readVerifyToken(bytes)).toMatchObject({ faults: [{ path: 'environment' }] });
  });
});

/** What came of it, in a form that can be compared. */
function outcome(read: () => Asked): object {
  try {
    const asked = read();
    return asked instanceof InvalidRequestError ? { faults: asked.faults } : { asked };
  } catch (error) {
    return error instanceof InvalidRequestError ? { faults: error.faults } : { noMessage: true };
  }
}

/**
 * What is answered is what the generated codec reads, and what that can't read or must refuse is not answered. It is
 * no judge of the rest: it knows no limits, and ends a message wherever a group or a tag of zero does.
 */
function answeredOnlyAs(found: object, wanted: object): void {
  if ('asked' in found) expect(found).toEqual(wanted);
  else if ('faults' in found) expect(wanted).not.toHaveProperty('asked');
}
