/** What proves who is asking. */
export interface Credential {
  readonly kind: 'session' | 'key';
  readonly secret: string;
}

/** An installation's admin, and how to prove oneself there. */
export interface Site {
  /** Without a slash at its end. */
  readonly url: string;
  /** Null: nobody has signed in there. */
  readonly credential: Credential | null;
}

/** One that a command is to ask. */
export interface FoundSite extends Site {
  /** Where somebody has signed in, be it there or elsewhere; null: nowhere. */
  readonly signedInAt: string | null;
}
