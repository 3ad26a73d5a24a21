import * as client from 'openid-client';
import { NotFoundError, UnauthorizedError, UnavailableError } from '#libs/key-domain';
import type { ProvenIdentity } from '#libs/lifecycle';
import { PublicAddress } from '../../access/public-address.js';
import type { Attempt } from './attempt-cookie.js';

/** Where an identity provider is, and as whom Mintmark is registered there. */
export interface OidcOptions {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

/** The provider's answer is waited for, this many seconds. */
const ANSWER_SECONDS = 5;

const SCOPE = 'openid email';

/** Codes of errors that say that whoever came back has not proved themselves; any other is a fault of the provider or of the way to it. */
const NOT_PROVEN: ReadonlySet<string | undefined> = new Set([
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
]);

/**
 * Signs people in at an OpenID provider: authorization code flow with PKCE (OpenID Connect Core 1.0, section 3.1; RFC 7636).
 * The provider is looked up when it is first needed: while it is away, everything else goes on.
 */
export class IdentityProvider {
  #discovered: Promise<client.Configuration> | null = null;

  /** @param options null: people sign in with passwords alone */
  constructor(
    private readonly options: OidcOptions | null,
    private readonly address: PublicAddress,
  ) {}

  get isConfigured(): boolean {
    return this.options !== null;
  }

  /**
   * @throws NotFoundError where none is configured
   * @throws UnavailableError when it does not answer
   */
  async begin(): Promise<{ readonly url: URL; readonly attempt: Attempt }> {
    const provider = await this.#provider();
    const attempt = { state: client.randomState(), nonce: client.randomNonce(), codeVerifier: client.randomPKCECodeVerifier() };
    const url = client.buildAuthorizationUrl(provider, {
      redirect_uri: this.#callback.href,
      scope: SCOPE,
      state: attempt.state,
      nonce: attempt.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(attempt.codeVerifier),
      code_challenge_method: 'S256',
    });
    return { url, attempt };
  }

  /**
   * @param query of the address that the browser came back to
   * @throws UnauthorizedError when the provider vouches for nobody
   * @throws UnavailableError when it does not answer
   */
  async finish(query: string, { state, nonce, codeVerifier }: Attempt): Promise<ProvenIdentity> {
    const provider = await this.#provider();
    const returned = this.#callback;
    returned.search = query;
    const checks = { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: codeVerifier, idTokenExpected: true };
    const tokens = await client.authorizationCodeGrant(provider, returned, checks).catch(translated);
    const claims = tokens.claims();
    if (claims === undefined) throw new UnauthorizedError(NOT_COMPLETED);
    const told =
      'email' in claims ? claims : await client.fetchUserInfo(provider, tokens.access_token, claims.sub).catch(translated);
    const { email, email_verified: isVerified } = told;
    const verifiedEmail = typeof email === 'string' && isVerified === true ? email : null;
    return { issuer: claims.iss, subject: claims.sub, verifiedEmail };
  }

  get #callback(): URL {
    return new URL(`${this.address.url}/api/v1/auth/oidc/callback`);
  }

  /** One look-up for all who wait for it; one that failed is made anew for the next. */
  #provider(): Promise<client.Configuration> {
    const { options } = this;
    if (options === null) throw new NotFoundError('No identity provider is configured here.');
    this.#discovered ??= discover(options).catch((error: unknown) => {
      this.#discovered = null;
      return translated(error);
    });
    return this.#discovered;
  }
}

const NOT_COMPLETED = 'The identity provider did not sign you in. Begin again.';

function discover({ issuer, clientId, clientSecret }: OidcOptions): Promise<client.Configuration> {
  const url = new URL(issuer);
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- the configuration admits plain HTTP on this machine alone
  const execute = url.protocol === 'http:' ? [client.allowInsecureRequests] : [];
  return client.discovery(url, clientId, clientSecret, undefined, { execute, timeout: ANSWER_SECONDS });
}

function translated(error: unknown): never {
  const isDenied = error instanceof client.AuthorizationResponseError;
  const isRefused = error instanceof client.ResponseBodyError && error.error === 'invalid_grant';
  const isUnproven = error instanceof client.ClientError && NOT_PROVEN.has(error.code);
  if (isDenied || isRefused || isUnproven) throw new UnauthorizedError(NOT_COMPLETED, { cause: error });
  const detail = 'the identity provider did not answer as it should';
  throw new UnavailableError('The identity provider cannot be reached at the moment.', { detail, cause: error });
}
