import { createHash, randomBytes } from 'node:crypto';
import type { Actor } from '../key/key.js';
import type { AuditAction, AuditTarget } from './deed.js';

const SALT_BYTES = 32;

/** What the first entry of every chain follows. */
export const CHAIN_START: Uint8Array = new Uint8Array(32);

/**
 * A part of an entry that may have to be erased. The chain holds its digest alone, and the digest is salted: once text and
 * salt are gone, neither can be guessed from it.
 */
export interface Sealed {
  /** JSON, to the byte as it was digested. */
  readonly text: string;
  readonly salt: Uint8Array;
  readonly digest: Uint8Array;
}

/** The part that is left once {@link Sealed} was erased. */
export interface Erased {
  readonly text: null;
  readonly salt: null;
  readonly digest: Uint8Array;
}

export interface AuditLink {
  readonly accountId: string;
  /** Its place in the account's chain, from 1, without a gap. */
  readonly number: number;
  /** To the millisecond. */
  readonly at: Date;
  readonly actor: Actor;
  readonly action: AuditAction;
  readonly target: AuditTarget;
  readonly requestId: string | null;
  /** Digest of what changed: before and after. */
  readonly change: Uint8Array;
  /** Digest of where it came from: address and user agent. */
  readonly origin: Uint8Array;
}

/** Seals a part of an entry under a salt of its own. */
export function seal(value: unknown): Sealed {
  const text = JSON.stringify(value);
  const salt = randomBytes(SALT_BYTES);
  return { text, salt, digest: sealDigest(text, salt) };
}

/** SHA-256 over the salt and the text in UTF-8. */
export function sealDigest(text: string, salt: Uint8Array): Uint8Array {
  return createHash('sha256').update(salt).update(text, 'utf8').digest();
}

/**
 * The hash of an entry: SHA-256 over a JSON array, which no two entries share, as it is written in docs/audit.md.
 * @param previous the hash of the entry before it, or {@link CHAIN_START}
 */
export function linkHash(previous: Uint8Array, link: AuditLink): Uint8Array {
  const { opening, closing } = linkFrame(link);
  const [number, at] = [JSON.stringify(link.number), JSON.stringify(link.at)];
  const text = `${opening}${number},${at},${closing}${JSON.stringify(hex(previous))}]`;
  return createHash('sha256').update(text, 'utf8').digest();
}

/** The text that is hashed around what only the store knows: its number and time, and the hash before it. */
export function linkFrame(link: Omit<AuditLink, 'number' | 'at'>): { readonly opening: string; readonly closing: string } {
  const { accountId, actor, action, target, requestId, change, origin } = link;
  const told = [actor.type, actor.id, action, target.type, target.id, requestId, hex(change), hex(origin)];
  return { opening: `[${JSON.stringify(accountId)},`, closing: `${JSON.stringify(told).slice(1, -1)},` };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
