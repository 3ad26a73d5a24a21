import { type LoginAttempt, type LoginThrottle, RateLimitedError } from '#libs/key-domain';
import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { Database } from '../connection/database.js';
import { toDomainError } from '../connection/driver-error.js';
import { foldEmail } from './folded-email.js';
import { networkOf } from './address-network.js';

/** Attempts that one address has in a window, whomever they aim at. */
export const ATTEMPTS_BY_ADDRESS = 30;

/** Failures in a row that one e-mail address has in a window, wherever they come from and whether or not anybody has it. */
export const FAILURES_BY_EMAIL = 10;

/** Seconds from the first attempt counted until the count begins anew. */
export const WINDOW_SECONDS = 15 * 60;

@Injectable()
export class PostgresLoginThrottle implements LoginThrottle {
  readonly #byAddress: RateLimiterPostgres;
  readonly #byEmail: RateLimiterPostgres;

  constructor(database: Database) {
    const store = {
      storeClient: database.pool,
      storeType: 'pool',
      tableName: 'login_attempts',
      tableCreated: true,
      duration: WINDOW_SECONDS,
    };
    this.#byAddress = new RateLimiterPostgres({ ...store, keyPrefix: 'address', points: ATTEMPTS_BY_ADDRESS });
    this.#byEmail = new RateLimiterPostgres({
      ...store,
      keyPrefix: 'email',
      points: FAILURES_BY_EMAIL,
      clearExpiredByTimeout: false,
    });
  }

  /** An address that has spent its attempts doesn't count against the e-mail address: it can't lock out its owner for longer. */
  async begin({ address, email }: LoginAttempt): Promise<void> {
    try {
      await this.#byAddress.consume(hashed(networkOf(address)));
      await this.#byEmail.consume(hashed(foldEmail(email)));
    } catch (error) {
      throw error instanceof RateLimiterRes ? tooMany(error) : toDomainError(error);
    }
  }

  async succeed({ email }: LoginAttempt): Promise<void> {
    try {
      await this.#byEmail.delete(hashed(foldEmail(email)));
    } catch (error) {
      throw toDomainError(error);
    }
  }
}

/** The same words for either count: which of them is spent would tell what others have tried. */
function tooMany({ msBeforeNext }: RateLimiterRes): RateLimitedError {
  return new RateLimitedError('Too many attempts to sign in. Try again later.', Math.max(1, Math.ceil(msBeforeNext / 1000)));
}

/** What was typed as an address may be a password typed into the wrong field. */
function hashed(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
