/** What proves who is asking. */
export interface Credential {
  readonly kind: 'session' | 'key';
  readonly secret: string;
}

/** An installation's admin, and how to prove oneself there. */
export interface Site {
  /** Without a slash at its end. */
  readonly url: string;
  /** Null: nobody has signed in. */
  readonly credential: Credential | null;
}
