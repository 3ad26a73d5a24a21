/** What an end user presented: the token itself, or the SHA-256 of its UTF-8 bytes (32 bytes). */
export type Credential = { readonly token: string } | { readonly sha256: Uint8Array };

/** What is asked about one presented token. */
export interface TokenQuestion {
  readonly credential: Credential;
  /** Scopes that must be granted, all of them. */
  readonly requiredScopes: readonly string[];
  /** The product that is used; empty: none. */
  readonly productId: string;
  /** The end user's address as text; empty: unknown. */
  readonly clientIp: string;
  /** The environment that the caller serves; empty: any. */
  readonly environment: string;
  /** Credits that the request costs; 0 checks without taking. */
  readonly cost: number;
}
