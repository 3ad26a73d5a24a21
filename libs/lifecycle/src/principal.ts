import type { Actor, Membership } from '#libs/key-domain';

/** On whose behalf something is done in an account: a person who signed in, or a management key. */
export type Principal = PersonPrincipal | KeyPrincipal;

export interface PersonPrincipal {
  readonly kind: 'person';
  readonly accountId: string;
  readonly membership: Membership;
}

export interface KeyPrincipal {
  readonly kind: 'key';
  readonly accountId: string;
  readonly keyId: string;
  readonly scopes: readonly string[];
}

/** As it is written down beside what was done. */
export function actorOf(principal: Principal): Actor {
  if (principal.kind === 'person') return { type: 'person', id: principal.membership.personId };
  return { type: 'key', id: principal.keyId };
}
