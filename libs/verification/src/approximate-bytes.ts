import type { KeyRecord } from '#libs/key-domain';

/** An entry without its texts: the record, its place in the cache and its place in the index of keys. */
const ENTRY_BYTES = 600;
const TEXT_BYTES = 24;

/** What a remembered record takes, in bytes, to within a third (`npm run bench:cached-key` measures both). */
export function approximateBytes(record: KeyRecord): number {
  const { products, allowedCidrs, scopes, metadata } = record;
  const lists = [...scopes, ...allowedCidrs, ...(products === 'all' ? [] : products)];
  const texts = lists.reduce((sum, text) => sum + TEXT_BYTES + text.length, 0);
  const metadataBytes = Object.keys(metadata).length === 0 ? 0 : JSON.stringify(metadata).length * 3;
  return ENTRY_BYTES + texts + record.name.length + (record.ownerId?.length ?? 0) + metadataBytes;
}
