import type { KeyRecord } from '#libs/key-domain';

/** An entry without its texts: the record, its grant, and their places in the cache and in the index of keys. */
const ENTRY_BYTES = 1_000;
/** A text and its place in a list, in the record and in the grant. */
const TEXT_BYTES = 32;

/** What a kept answer takes, in bytes, to within a half. */
export function approximateBytes({ products, allowedCidrs, scopes, metadata, name, ownerId }: KeyRecord): number {
  const texts = [...scopes, ...allowedCidrs, ...(products === 'all' ? [] : products)];
  const listBytes = texts.reduce((sum, text) => sum + TEXT_BYTES + text.length, 0);
  const metadataBytes = Object.keys(metadata).length === 0 ? 0 : JSON.stringify(metadata).length * 6;
  return ENTRY_BYTES + listBytes + name.length + (ownerId?.length ?? 0) + metadataBytes;
}
