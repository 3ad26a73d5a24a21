import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { Injectable } from '@nestjs/common';

/** Fewest and most characters of a password. The upper bound keeps hashing from being used to exhaust the process. */
export const PASSWORD_LENGTH = { min: 8, max: 256 } as const;

/** OWASP's first choice for argon2id: 19 MiB of memory, 2 passes, 1 lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** Hashes passwords with argon2id (RFC 9106) and checks them. */
@Injectable()
export class Passwords {
  readonly #nobodys: Promise<string> = hash(randomBytes(32), COST);

  hash(password: string): Promise<string> {
    return hash(canonical(password), COST);
  }

  /**
   * Takes the same work whether there is a hash or not: the time of an answer must not tell which e-mail
   * addresses are known.
   * @param stored null: there is nobody of that name, or they have no password
   */
  async matches(stored: string | null, password: string): Promise<boolean> {
    const right = await verify(stored ?? (await this.#nobodys), canonical(password));
    return stored !== null && right;
  }
}

/** One password typed on two systems may reach us as two sequences of code points (NIST SP 800-63B, 5.1.1.2). */
function canonical(password: string): string {
  return password.normalize('NFKC');
}
