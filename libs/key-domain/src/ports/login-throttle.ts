/** Who tries to sign in, as far as is known before a password is checked. */
export interface LoginAttempt {
  readonly address: string;
  /** As typed; upper and lower case count alike. */
  readonly email: string;
}

/**
 * Slows down the guessing of passwords, by address and by the account aimed at. The counts are shared by every
 * process of the installation.
 * @throws UnavailableError when the store can't be asked
 */
export interface LoginThrottle {
  /**
   * Counts an attempt before its password is looked at.
   * @throws RateLimitedError when there were too many
   */
  begin(attempt: LoginAttempt): Promise<void>;
  /** Forgets the failures aimed at this e-mail address, after a right password. */
  succeed(attempt: LoginAttempt): Promise<void>;
}

export const LoginThrottle = Symbol('LoginThrottle');
