import { z } from 'zod';

/** Postgres holds no NUL, and neither UTF-8 nor jsonb a surrogate without its partner. */
const UNSTORABLE = /\0|\p{Surrogate}/u;

export function isStorable(text: string): boolean {
  return !UNSTORABLE.test(text);
}

/** A text of `min` to `max` characters, without the blanks around it. */
export function text(min: number, max: number): z.ZodString {
  return z
    .string()
    .trim()
    .min(min, { error: `At least ${min} character${min === 1 ? '' : 's'}.` })
    .max(max, { error: `At most ${max} characters.` })
    .refine(isStorable, { error: UNSTORABLE_TEXT });
}

export const UNSTORABLE_TEXT = 'NUL characters and unpaired surrogates are not accepted.';
