import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { ReportUsageRequest } from '#libs/contract';
import { USAGE_LIMITS } from './read-usage.js';

/** The messages within a message of the contract, by field. */
type Shape = ReadonlyMap<number, Shape>;

const USAGE = 2;
const SINCE_LAST = 4;
const USE: Shape = new Map([[SINCE_LAST, new Map()]]);

/** Fields of a report and of everything within it: a full one takes seven thousand. */
const MAX_FIELDS = 10_000;

/**
 * Decodes a report, of one that is too long no more than shows that it is: two bytes on the wire become an object,
 * before anybody has looked at the service key.
 * @throws Error for what is no message, or one of far too many fields
 */
export function decodeUsage(bytes: Uint8Array): ReportUsageRequest {
  const reader = new BinaryReader(bytes);
  const count = new FieldCount();
  for (let elements = 0; reader.pos < reader.len;) {
    const [field, wireType] = reader.tag();
    count.take(reader, field, wireType, field === USAGE ? USE : undefined);
    if (field === USAGE && ++elements > USAGE_LIMITS.usage) return ReportUsageRequest.decode(bytes.subarray(0, reader.pos));
  }
  return ReportUsageRequest.decode(bytes);
}

class FieldCount {
  #fields = 0;

  /** Reads past a field whose tag has been read; one that is a message is looked into. */
  take(reader: BinaryReader, field: number, wireType: WireType, shape: Shape | undefined): void {
    this.#fields += 1;
    if (this.#fields > MAX_FIELDS) throw new Error('the message has too many fields');
    // A group holds fields without end, and the contract has none.
    if (wireType === WireType.StartGroup) throw new Error('the message has a group');
    if (shape === undefined || wireType !== WireType.LengthDelimited) {
      reader.skip(wireType, field);
      return;
    }
    const within = new BinaryReader(reader.bytes());
    while (within.pos < within.len) {
      const [inner, innerType] = within.tag();
      this.take(within, inner, innerType, shape.get(inner));
    }
  }
}
