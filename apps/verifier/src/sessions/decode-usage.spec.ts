import { describe, expect, test } from '@jest/globals';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { ReportUsageRequest } from '#libs/contract';
import { decodeUsage } from './decode-usage.js';
import { readUsage, USAGE_LIMITS } from './read-usage.js';

const MEGABYTES = 4 * 1024 * 1024;
const use = { keyId: 'key_1', secretId: 'sec_1', verifications: 3, sinceLast: { seconds: 2, nanos: 5 } };

function full(elements: number): ReportUsageRequest {
  return { guardSessionId: 'session', usage: Array.from({ length: elements }, () => use) };
}

describe('a report', () => {
  test('of as many secrets as it may hold is decoded as the contract has it, fields that are not known here included', () => {
    const report = full(USAGE_LIMITS.usage);
    const bytes = Buffer.concat([ReportUsageRequest.encode(report).finish(), Buffer.from([0xfa, 0x3e, 1, 0])]);
    expect(decodeUsage(bytes)).toEqual(report);
  });

  test('of more is unpacked no further than its excess', () => {
    const report = decodeUsage(filledWith([0x12, 0]));
    expect(report.usage).toHaveLength(USAGE_LIMITS.usage + 1);
    expect(() => readUsage({ ...report, guardSessionId: 's' })).toThrow(
      expect.objectContaining({ faults: [expect.objectContaining({ path: 'usage' })] }),
    );
  });

  const sinceLast = within(4, filledWith([0x08, 1]));
  test.each<readonly [string, Uint8Array]>([
    ['a field of its own', filledWith([0x0a, 0])],
    ['a field that is not known here', filledWith([0x7a, 0])],
    ['a field of one use', within(2, filledWith([0x0a, 0]))],
    ['a field of one duration', within(2, sinceLast)],
    ['the durations of one use', within(2, filledWith([0x22, 0]))],
    ['a field within a group', Buffer.concat([Buffer.from([0x7b]), filledWith([0x0a, 0]), Buffer.from([0x7c])])],
  ])('with %s again and again is no message', (_, bytes) => {
    expect(() => decodeUsage(bytes)).toThrow(/too many fields|a group/);
  });
});

function within(field: number, bytes: Uint8Array): Uint8Array {
  return new BinaryWriter().tag(field, WireType.LengthDelimited).bytes(bytes).finish();
}

function filledWith(record: readonly number[]): Buffer {
  return Buffer.alloc(MEGABYTES, Buffer.from(record));
}
