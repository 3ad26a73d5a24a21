import { Failure } from '../ending/failure.js';

const PRINTABLE = /^[\x21-\x7e]+$/;

/**
 * A key or token without the blanks around it.
 * @param from what gave it, for the message, which does not show it
 * @throws Failure where it could be none, and would be no HTTP header
 */
export function oneLineSecret(text: string, from: string): string {
  const secret = text.trim();
  if (!PRINTABLE.test(secret)) throw Failure.usage(`${from} holds no key: one line of printable characters without blanks`);
  return secret;
}
