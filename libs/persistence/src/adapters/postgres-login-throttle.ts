import { type LoginAttempt, type LoginThrottle, RateLimitedError } from '#libs/key-domain';
import { Injectable } from '@nestjs/common';
import { createHash } from 'node:crypto';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { Database } from '../connection/database.js';
import { toDomainError } from '../connection/driver-error.js';
import { foldEmail } from './folded-email.js';
import { neighbourhoodOf, networkOf } from './address-network.js';

/** Attempts that one address has in a window, whomever they aim at. */
export const ATTEMPTS_BY_ADDRESS = 30;

/** Failures in a row that one e-mail address has in a window from one neighbourhood, whether or not anybody has it. */
export const FAILURES_BY_EMAIL = 10;

/**
 * Failures that one e-mail address has in a window, wherever they come from: more than one party can spend, so that nobody is
 * locked out by somebody elsewhere, and far too few to guess a password of the shortest that are taken.
 */
export const FAILURES_BY_EMAIL_ANYWHERE = 100;

/** Seconds from the first attempt counted until the count begins anew. */
export const WINDOW_SECONDS = 15 * 60;

@Injectable()
export class PostgresLoginThrottle implements LoginThrottle {
  readonly #byAddress: RateLimiterPostgres;
  readonly #byEmail: RateLimiterPostgres;
  readonly #byEmailAnywhere: RateLimiterPostgres;

  constructor(database: Database) {
    const store = {
      storeClient: database.pool,
      storeType: 'pool',
      tableName: 'login_attempts',
      tableCreated: true,
      duration: WINDOW_SECONDS,
    };
    // this one clears away what has run out of all three
    this.#byAddress = new RateLimiterPostgres({ ...store, keyPrefix: 'address', points: ATTEMPTS_BY_ADDRESS });
    const cleared = { ...store, clearExpiredByTimeout: false };
    this.#byEmail = new RateLimiterPostgres({ ...cleared, keyPrefix: 'email', points: FAILURES_BY_EMAIL });
    this.#byEmailAnywhere = new RateLimiterPostgres({ ...cleared, keyPrefix: 'anywhere', points: FAILURES_BY_EMAIL_ANYWHERE });
  }

  /** What one count refuses the next doesn't count: whoever has spent their own attempts can't spend those of an e-mail address. */
  async begin(attempt: LoginAttempt): Promise<void> {
    try {
      await this.#byAddress.consume(hashed(networkOf(attempt.address)));
      await this.#byEmail.consume(fromNeighbourhood(attempt));
      await this.#byEmailAnywhere.consume(fromAnywhere(attempt));
    } catch (error) {
      throw error instanceof RateLimiterRes ? tooMany(error) : toDomainError(error);
    }
  }

  /** Failures elsewhere stay counted: they are somebody else's, who could otherwise go on each time the owner signs in. */
  async succeed(attempt: LoginAttempt): Promise<void> {
    try {
      await this.#byEmail.delete(fromNeighbourhood(attempt));
      await this.#byEmailAnywhere.reward(fromAnywhere(attempt));
    } catch (error) {
      throw toDomainError(error);
    }
  }
}

function fromNeighbourhood({ address, email }: LoginAttempt): string {
  return hashed(`${neighbourhoodOf(address)} ${foldEmail(email)}`);
}

function fromAnywhere({ email }: LoginAttempt): string {
  return hashed(foldEmail(email));
}

/** The same words for every count: which of them is spent would tell what others have tried. */
function tooMany({ msBeforeNext }: RateLimiterRes): RateLimitedError {
  return new RateLimitedError('Too many attempts to sign in. Try again later.', Math.max(1, Math.ceil(msBeforeNext / 1000)));
}

/** What was typed as an address may be a password typed into the wrong field. */
function hashed(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}
