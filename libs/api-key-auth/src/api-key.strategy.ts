import { Injectable } from '@nestjs/common';
import { PassportStrategy } from '@nestjs/passport';
import { Strategy } from 'passport-http-bearer';
import type { KeyGrant } from './key-grant.js';

export const API_KEY_STRATEGY = 'mintmark-api-key';

/**
 * All that Passport sees of a request. It has neither query nor body, where passport-http-bearer looks for tokens
 * too: URLs end up in logs, and RFC 9700, section 4.3.2, forbids it.
 */
export interface PassportRequest {
  readonly headers: { readonly authorization: string };
  /** Judges the token; rejects unless it is good. */
  readonly authenticate: (token: string) => Promise<KeyGrant>;
}

/**
 * Bearer tokens (RFC 6750) in Passport. Passport knows strategies by name, one list for the process, and several
 * apps may share it: so this one keeps nothing, and each request brings the authenticator of its own app.
 */
@Injectable()
export class ApiKeyStrategy extends PassportStrategy(Strategy, API_KEY_STRATEGY) {
  constructor() {
    super({ passReqToCallback: true });
  }

  validate(request: PassportRequest, token: string): Promise<KeyGrant> {
    return request.authenticate(token);
  }
}
