import type { Actor, Attribution, Membership, RequestOrigin, Standing } from '#libs/key-domain';

/** On whose behalf something is done in an account: a person who signed in, or a management key. */
export type Principal = PersonPrincipal | KeyPrincipal;

export interface PersonPrincipal {
  readonly kind: 'person';
  readonly accountId: string;
  readonly membership: Membership;
  /** The session in which they ask. */
  readonly sessionId: string;
  readonly origin: RequestOrigin;
}

export interface KeyPrincipal {
  readonly kind: 'key';
  readonly accountId: string;
  readonly keyId: string;
  /** The secret that was presented. */
  readonly secretId: string;
  readonly scopes: readonly string[];
  /** When what they presented ends: the key or its secret; null: never. */
  readonly expiresAt: Date | null;
  /** From where the key may be used; empty: anywhere. */
  readonly allowedCidrs: readonly string[];
  readonly origin: RequestOrigin;
}

/** Whether it is a key that has an end, or may be used from some addresses alone: what it sets up must not go on without it. */
export function hasLimits(principal: Principal): boolean {
  return principal.kind === 'key' && (principal.expiresAt !== null || principal.allowedCidrs.length > 0);
}

/** As the record tells of whoever did something in their account, and whence; by their role there, or the key's scopes. */
export function attributionOf(principal: Principal): Attribution {
  return { ...principal.origin, actor: actorOf(principal), standing: standingOf(principal) };
}

/** The same of what somebody does as an operator of the installation, or to themselves: whatever their role in an account is. */
export function attributionAs(kind: 'operator' | 'oneself', principal: PersonPrincipal): Attribution {
  const { personId } = principal.membership;
  return { ...attributionOf(principal), standing: { kind, personId, sessionId: principal.sessionId } };
}

function standingOf(principal: Principal): Standing {
  if (principal.kind === 'key') {
    const { keyId, secretId, scopes } = principal;
    return { kind: 'key', keyId, secretId, scopes };
  }
  const { personId, role } = principal.membership;
  return { kind: 'member', personId, sessionId: principal.sessionId, role };
}

function actorOf(principal: Principal): Actor {
  if (principal.kind === 'person') return { type: 'person', id: principal.membership.personId };
  return { type: 'key', id: principal.keyId };
}
