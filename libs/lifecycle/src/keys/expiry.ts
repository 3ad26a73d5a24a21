import type { InputFault } from '#libs/key-domain';
import type { IssueRequest } from './issue-request.js';

const DAY_MS = 86_400_000;

/** The longest that a key may be issued for: beyond it, dates stop being meaningful to anybody's software. */
export const MAX_LIFETIME_DAYS = 36_500;

/** When the requested key expires; null: never. */
export function expiryOf(
  request: Pick<IssueRequest, 'expiresInDays' | 'expiresAt'>,
  now: Date,
  faults: InputFault[],
): Date | null {
  const { expiresInDays, expiresAt } = request;
  if (expiresInDays !== undefined && expiresAt !== undefined) {
    faults.push({ path: 'expiresAt', message: 'Send expiresInDays or expiresAt, not both.' });
  } else if (expiresInDays !== undefined) {
    return inDays(expiresInDays, now, faults);
  } else if (expiresAt !== undefined) {
    return atInstant(expiresAt, now, faults);
  }
  return null;
}

function inDays(days: number, now: Date, faults: InputFault[]): Date | null {
  if (Number.isInteger(days) && days >= 1 && days <= MAX_LIFETIME_DAYS) return new Date(now.getTime() + days * DAY_MS);
  faults.push({ path: 'expiresInDays', message: `A whole number of days from 1 to ${MAX_LIFETIME_DAYS}.` });
  return null;
}

function atInstant(at: Date, now: Date, faults: InputFault[]): Date | null {
  const ahead = at.getTime() - now.getTime();
  if (ahead > 0 && ahead <= MAX_LIFETIME_DAYS * DAY_MS) return at;
  faults.push({ path: 'expiresAt', message: `A time in the future, at most ${MAX_LIFETIME_DAYS} days ahead.` });
  return null;
}
