import { Injectable } from '@nestjs/common';
import { parseCookie } from 'cookie';
import type { CookieOptions, Request, Response } from 'express';
import { SESSION_LIFETIME_SECONDS } from '#libs/lifecycle';
import { PublicAddress } from './public-address.js';

export const SESSION_COOKIE = 'mintmark_session';

/** The cookie that carries a session's token. Scripts can't read it, and other sites' forms don't send it. */
@Injectable()
export class SessionCookie {
  constructor(private readonly address: PublicAddress) {}

  /** Null where the request carries none. */
  read(request: Request): string | null {
    return parseCookie(request.headers.cookie ?? '')[SESSION_COOKIE] ?? null;
  }

  set(response: Response, token: string): void {
    response.cookie(SESSION_COOKIE, token, { ...this.attributes, maxAge: SESSION_LIFETIME_SECONDS * 1000 });
  }

  clear(response: Response): void {
    response.clearCookie(SESSION_COOKIE, this.attributes);
  }

  private get attributes(): CookieOptions {
    return { httpOnly: true, sameSite: 'lax', path: '/', secure: this.address.isHttps };
  }
}
