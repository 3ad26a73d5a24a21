import type { Attribution } from '../audit/attribution.js';
import type { Membership } from './people-store.js';

/** Somebody as an identity provider names them (OpenID Connect Core 1.0, section 2): never reassigned, unlike an e-mail address. */
export interface Identity {
  readonly issuer: string;
  readonly subject: string;
}

/**
 * Which person an identity is of.
 * @throws UnavailableError when the store can't be asked
 */
export interface IdentityStore {
  /** The person's first account. Null: the identity is of nobody. */
  find(identity: Identity): Promise<Membership | null>;
  /**
   * Notes that an identity is of the person with an e-mail address, and puts that down in the record of each of their accounts.
   * Their password is forgotten and their sessions end: whoever chose it came by an invitation, and never proved that the
   * address was theirs. Those of an operator stay, whom no invitation makes.
   * @param by tells who did it where the person is known
   * @param email proved to be theirs; an address that only compatibility characters (NFKC) make another one is nobody's
   * @returns null where nobody has that address, or whoever has it is known to the issuer by another subject
   */
  link(identity: Identity, email: string, by: (personId: string) => Attribution): Promise<Membership | null>;
}

export const IdentityStore = Symbol('IdentityStore');
