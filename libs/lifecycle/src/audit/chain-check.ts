import { type AuditEntry, type ChainHead, type Erased, linkHash, type Sealed, sealDigest } from '#libs/key-domain';

/** What is wrong with a link of a chain. */
export const CHAIN_FAULTS = [
  /** Entries are absent between it and the one before. */
  'missing',
  /** Its hash is not that of what it says and of the entry before it. */
  'altered',
  /** What changed, or where it came from, is not what was put down. */
  'text_altered',
  /** It stands beyond the end that the chain is said to have. */
  'beyond_end',
  /** What changed was erased though it was of no key that is deleted, or where it came from was erased. */
  'erased',
  /** It was the last one once, or is said to have been, and is there no more. */
  'cut_off',
  /** It is not the entry that the caller noted under its number. */
  'not_as_noted',
] as const;
export type ChainFault = (typeof CHAIN_FAULTS)[number];

/** A link of a chain that is not as it was put down. */
export interface BrokenLink {
  readonly number: number;
  readonly fault: ChainFault;
}

/**
 * Whether an entry follows another as it was put down. Null: it does.
 * @param previous the entry before it, or where the chain starts
 */
export function faultOfLink(previous: ChainHead, entry: AuditEntry): ChainFault | null {
  if (entry.number !== previous.number + 1) return 'missing';
  const link = { ...entry, change: entry.change.digest, origin: entry.origin.digest };
  if (!same(linkHash(previous.hash, link), entry.hash)) return 'altered';
  return [entry.change, entry.origin].every(isAsSealed) ? null : 'text_altered';
}

function isAsSealed({ text, salt, digest }: Sealed | Erased): boolean {
  return text === null || same(sealDigest(text, salt), digest);
}

export function same(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
