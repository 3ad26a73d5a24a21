import { BinaryReader } from '@bufbuild/protobuf/wire';
import { ReportUsageRequest } from '#libs/contract';
import { USAGE_LIMITS } from './read-usage.js';

/** Field `usage` of the contract. */
const USAGE = 2;

/**
 * Decodes a report, of one that is too long no more than shows that it is: two bytes on the wire become an object,
 * before anybody has looked at the service key.
 * @throws Error for what is no message
 */
export function decodeUsage(bytes: Uint8Array): ReportUsageRequest {
  const reader = new BinaryReader(bytes);
  for (let elements = 0; reader.pos < reader.len;) {
    const [field, wireType] = reader.tag();
    reader.skip(wireType, field);
    if (field === USAGE && ++elements > USAGE_LIMITS.usage) return ReportUsageRequest.decode(bytes.subarray(0, reader.pos));
  }
  return ReportUsageRequest.decode(bytes);
}
