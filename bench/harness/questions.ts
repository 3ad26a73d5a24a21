import { VerifyTokenRequest } from '#libs/contract';
import { tokenSha256 } from '#libs/key-domain';
import { SCOPE } from '../servers/installation.js';

/** What a guard sends: the digest of a token, and the scope of its route. */
export function questionAbout(token: string): VerifyTokenRequest {
  return {
    ...VerifyTokenRequest.decode(new Uint8Array()),
    credential: { $case: 'tokenSha256', value: tokenSha256(token) },
    requiredScopes: [SCOPE],
  };
}
