import type { Quota, RateLimit } from '../limits/limits.js';
import type { Metadata, ProductAccess } from './key-record.js';

/** Why a key was revoked; the names follow the CRL reasons of RFC 5280, section 5.3.1. */
export const REVOCATION_REASONS = [
  'key_compromise',
  'superseded',
  'affiliation_changed',
  'privilege_withdrawn',
  'unspecified',
] as const;
export type RevocationReason = (typeof REVOCATION_REASONS)[number];

export const KEY_STATUSES = ['active', 'disabled', 'revoked', 'expired'] as const;
export type KeyStatus = (typeof KEY_STATUSES)[number];

/** Who did something: a person, or a management key. */
export interface Actor {
  readonly type: 'person' | 'key' | 'system';
  readonly id: string;
}

/** One text that is accepted for a key, as its administrators see it. */
export interface Secret {
  readonly id: string;
  /** The end of the token; null where it was imported by digest. */
  readonly lastFour: string | null;
  readonly createdAt: Date;
  /** When it ceases to be accepted, after a rotation. */
  readonly endsAt: Date | null;
  readonly lastUsedAt: Date | null;
}

/** A key as its administrators see it. */
export interface Key {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  readonly environment: string | null;
  readonly scopes: readonly string[];
  readonly products: ProductAccess;
  /** The name of the format its tokens are minted in. */
  readonly format: string;
  readonly ownerId: string | null;
  readonly metadata: Metadata;
  readonly allowedCidrs: readonly string[];
  readonly rateLimits: readonly RateLimit[];
  /** As it is when the key is read, with every refill that is due. Null: its use takes no credits. */
  readonly quota: Quota | null;
  readonly enabled: boolean;
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
  readonly createdBy: Actor;
  readonly revokedAt: Date | null;
  readonly revocationReason: RevocationReason | null;
  readonly revocationDescription: string | null;
  /** Newest first; never empty. */
  readonly secrets: readonly Secret[];
}

/** Computed at each reading and stored nowhere, so that it can't disagree with what a verdict rests on. */
export function keyStatus(key: Pick<Key, 'revokedAt' | 'expiresAt' | 'enabled'>, now: Date): KeyStatus {
  if (key.revokedAt !== null) return 'revoked';
  if (key.expiresAt !== null && key.expiresAt <= now) return 'expired';
  return key.enabled ? 'active' : 'disabled';
}
