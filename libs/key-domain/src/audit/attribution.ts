import type { Role } from '../people/role.js';
import type { Actor } from '../key/key.js';

/** Where a request came from. */
export interface RequestOrigin {
  /** Of the client; null: it is not known. */
  readonly address: string | null;
  readonly userAgent: string | null;
  /** As it stands in the log. */
  readonly requestId: string | null;
  /** The attempt at a request that is carried out once under its `Idempotency-Key`; absent: it has none. */
  readonly attempt?: string | undefined;
}

/** To whom something that was done is put down, and where it came from. */
export interface Attribution extends RequestOrigin {
  readonly actor: Actor;
  /** By what right; it is looked at again when what was done is put down. Absent: by none that somebody could take meanwhile. */
  readonly standing?: Standing | undefined;
}

/** By what right whoever asked was let in. */
export type Standing =
  | {
      readonly kind: 'key';
      readonly keyId: string;
      /** The secret that was presented. */
      readonly secretId: string;
      readonly scopes: readonly string[];
    }
  | InSession<{ readonly kind: 'member'; readonly role: Role }>
  | InSession<{ readonly kind: 'operator' }>
  /** What anybody may do to themselves, in all of their accounts. */
  | InSession<{ readonly kind: 'oneself' }>
  /** All that is left to look at of a right that was judged before: that the account is not suspended. */
  | { readonly kind: 'account' };

type InSession<Right> = Right & { readonly personId: string; readonly sessionId: string };

/** Of what no request asked for. */
export const NO_REQUEST: RequestOrigin = { address: null, userAgent: null, requestId: null };

/** What Mintmark does itself. @param part which part of it, e.g. `setup` */
export function bySystem(part: string, origin: RequestOrigin = NO_REQUEST): Attribution {
  return { ...origin, actor: { type: 'system', id: part } };
}
