import type { KeyRecord } from './key-record.js';

/** What somebody who remembers records needs for them, in bytes, as measured where he does. */
export interface RecordFootprint {
  /** An entry without its texts: the record, its places in the memory and its indexes, and whatever is kept beside it. */
  readonly entry: number;
  /** A text's place in a list, wherever one is held. */
  readonly text: number;
  /** For each character of the metadata as JSON. */
  readonly metadata: number;
  /** For each rate limit, and once for having limits. */
  readonly limits: number;
}

/** What a remembered record takes, in bytes, to within a half. */
export function approximateBytes(record: KeyRecord, footprint: RecordFootprint): number {
  const { products, allowedCidrs, scopes, metadata } = record;
  const lists = [...scopes, ...allowedCidrs, ...(products === 'all' ? [] : products)];
  const texts = lists.reduce((sum, text) => sum + footprint.text + text.length, 0);
  const metadataBytes = Object.keys(metadata).length === 0 ? 0 : JSON.stringify(metadata).length * footprint.metadata;
  const limitBytes = record.limits === null ? 0 : footprint.limits * (1 + record.limits.rateLimits.length);
  return footprint.entry + texts + record.name.length + (record.ownerId?.length ?? 0) + metadataBytes + limitBytes;
}
