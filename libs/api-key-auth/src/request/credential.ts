import { isPlausibleToken } from '#libs/key-domain';

/** Why a request's headers hold no token that could be judged. */
export type CredentialFault =
  /** No `Authorization` header, or an empty one. */
  | 'NO_HEADER'
  /** Another scheme than Bearer. */
  | 'OTHER_SCHEME'
  /** Doubled, or not of the form `Bearer <token>`. */
  | 'BAD_HEADER'
  /** Too long for a token, or of other characters. */
  | 'IMPLAUSIBLE_TOKEN';

export type Credential = { readonly token: string } | { readonly fault: CredentialFault };

/** RFC 9110, section 11.4: the scheme in any case, then one or more spaces. */
const BEARER = /^bearer(?: +(.*))?$/is;

/**
 * Reads the bearer token from a request's headers (RFC 6750, section 2.1) and from nowhere else. Never throws.
 * @param authorization the header's value; several where the platform keeps them apart
 * @param rawHeaders names and values as they came: Node drops a second `Authorization` from the parsed headers,
 *   and a proxy before us may have judged that one
 */
export function readCredential(authorization: string | readonly string[] | undefined, rawHeaders: readonly string[]): Credential {
  const values = typeof authorization === 'string' ? [authorization] : (authorization ?? []);
  if (values.length > 1 || sentTimes('authorization', rawHeaders) > 1) return { fault: 'BAD_HEADER' };
  const value = values[0]?.trim() ?? '';
  if (value === '') return { fault: 'NO_HEADER' };
  const usual = value.startsWith('Bearer ') ? value.slice('Bearer '.length) : '';
  if (isPlausibleToken(usual)) return { token: usual };
  const bearer = BEARER.exec(value);
  if (bearer === null) return { fault: 'OTHER_SCHEME' };
  const token = bearer[1] ?? '';
  if (token === '' || token.includes(' ')) return { fault: 'BAD_HEADER' };
  return isPlausibleToken(token) ? { token } : { fault: 'IMPLAUSIBLE_TOKEN' };
}

function sentTimes(name: string, rawHeaders: readonly string[]): number {
  let times = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const text = rawHeaders[index] ?? '';
    if (text.length === name.length && text.toLowerCase() === name) times += 1;
  }
  return times;
}
