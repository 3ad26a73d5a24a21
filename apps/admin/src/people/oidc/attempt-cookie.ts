import { createHmac, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { parseCookie } from 'cookie';
import type { CookieOptions, Request, Response } from 'express';
import { z } from 'zod';
import { PepperRing } from '#libs/key-domain';
import { PublicAddress } from '../../access/public-address.js';

/** How long somebody may take at the identity provider, in seconds. */
const ATTEMPT_SECONDS = 600;

const attempt = z.strictObject({ state: z.string(), nonce: z.string(), codeVerifier: z.string(), endsAt: z.number() });

/** What was asked of the identity provider, so that only the browser that asked can come back with the answer. */
export type Attempt = Omit<z.output<typeof attempt>, 'endsAt'>;

/**
 * Keeps an attempt to sign in with the browser, signed. Over https its name has browsers take it from this very host alone (RFC 6265bis,
 * section 4.1.3.2): a host beside it could otherwise plant an attempt of somebody else's, and have a person signed in as them.
 */
@Injectable()
export class AttemptCookie {
  readonly #key: Buffer;

  constructor(
    @Inject(PepperRing) peppers: PepperRing,
    private readonly address: PublicAddress,
  ) {
    this.#key = peppers.derive('sign-in attempts');
  }

  set(response: Response, { state, nonce, codeVerifier }: Attempt): void {
    const endsAt = Date.now() + ATTEMPT_SECONDS * 1000;
    const text = Buffer.from(JSON.stringify({ state, nonce, codeVerifier, endsAt })).toString('base64url');
    response.cookie(this.name, `${text}.${this.signature(text)}`, { ...this.attributes, maxAge: ATTEMPT_SECONDS * 1000 });
  }

  /** Null: there is none, or none of ours, or it took too long. */
  take(request: Request, response: Response): Attempt | null {
    response.clearCookie(this.name, this.attributes);
    const [text = '', signature = ''] = (parseCookie(request.headers.cookie ?? '')[this.name] ?? '').split('.');
    const [given, right] = [Buffer.from(signature), Buffer.from(this.signature(text))];
    if (given.length !== right.length || !timingSafeEqual(given, right)) return null;
    const { endsAt, ...begun } = attempt.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
    return endsAt > Date.now() ? begun : null;
  }

  private get name(): string {
    return this.address.isHttps ? '__Host-mintmark_oidc' : 'mintmark_oidc';
  }

  private signature(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url');
  }

  /** The provider's answer is a navigation from another site: `Lax` lets the cookie come with it, `Strict` would not. */
  private get attributes(): CookieOptions {
    return { httpOnly: true, sameSite: 'lax', path: '/', secure: this.address.isHttps };
  }
}
