import { randomBytes } from 'node:crypto';
import { bySystem, NotFoundError, type PeopleStore } from '#libs/key-domain';
import type { Passwords } from './passwords.js';

/** 128 bits, which nobody guesses however often they may try. */
const PASSWORD_BYTES = 16;

/** A password that somebody has from now on, and how many of their sessions ended with the former one. */
export interface NewPassword {
  readonly password: string;
  readonly sessionsEnded: number;
}

/** Gives somebody who lost their password another one: for whoever runs the installation, who could write it into the database anyway. */
export class PasswordReset {
  constructor(
    private readonly people: Pick<PeopleStore, 'findByEmail' | 'resetPassword'>,
    private readonly passwords: Pick<Passwords, 'hash'>,
  ) {}

  /** @throws NotFoundError where nobody in any account has the e-mail address */
  async reset(email: string): Promise<NewPassword> {
    const person = await this.people.findByEmail(email);
    if (person === null) throw new NotFoundError('Nobody in any account has this e-mail address.');
    const password = randomBytes(PASSWORD_BYTES).toString('base64url');
    const hash = await this.passwords.hash(password);
    const sessionsEnded = await this.people.resetPassword(person.membership.personId, hash, bySystem('password-reset'));
    return { password, sessionsEnded };
  }
}
