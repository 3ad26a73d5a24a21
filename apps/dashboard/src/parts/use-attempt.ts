import { useState } from 'react';
import { Refusal } from '../api/refusal.js';

interface Attempt {
  /** Sends something under the name of the attempt, which the headers hold. */
  readonly send: <Answer>(call: (headers: { readonly 'Idempotency-Key': string }) => Promise<Answer>) => Promise<Answer>;
}

/**
 * Something that is to happen once. Without an answer of the API's own it may have happened: what is sent then is the same attempt, and
 * does nothing again. After a refusal it is another one.
 */
export function useAttempt(): Attempt {
  const [name, setName] = useState(attemptName);
  return {
    send: async (call) => {
      try {
        return await call({ 'Idempotency-Key': name });
      } catch (error) {
        if (error instanceof Refusal && error.status >= 400 && error.status < 500) setName(attemptName());
        throw error;
      }
    },
  };
}

/** A name that no other attempt has: 128 random bits, in hexadecimal. Works on plain http too, where `randomUUID` does not. */
function attemptName(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
