/** Who tries to sign in, as far as is known before a password is checked. */
export interface LoginAttempt {
  readonly address: string;
  /** As typed; upper and lower case count alike. */
  readonly email: string;
}

/**
 * Slows down the guessing of passwords, by address and by the e-mail address aimed at, such that nobody locks out a person who
 * signs in from elsewhere. The counts are shared by every process of the installation.
 * @throws UnavailableError when the store can't be asked
 */
export interface LoginThrottle {
  /**
   * Counts an attempt before its password is looked at.
   * @throws RateLimitedError when there were too many
   */
  begin(attempt: LoginAttempt): Promise<void>;
  /** Forgets the failures aimed at this e-mail address from thereabouts, after a right password. */
  succeed(attempt: LoginAttempt): Promise<void>;
}

export const LoginThrottle = Symbol('LoginThrottle');
