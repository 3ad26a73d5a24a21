import type { Schemas } from '../api/admin-api.js';

export type Key = Schemas['Key'];
export type Status = Key['status'];

export const STATUSES: readonly Status[] = ['active', 'disabled', 'expired', 'revoked'];

const DAY = new Intl.DateTimeFormat('en', { dateStyle: 'medium' });
const TIME = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });

/** @param time as the API writes it; null: never */
export function dayOf(time: string | null): string {
  return time === null ? 'never' : DAY.format(new Date(time));
}

export function timeOf(time: string | null): string {
  return time === null ? 'never' : TIME.format(new Date(time));
}

/** What a call that took a right away says of it. */
export function inForce({ verifiers, ms }: Schemas['EnforcedKey']['enforced']): string {
  return `In force at ${verifiers === 1 ? 'the verifier' : `all ${String(verifiers)} verifiers`} after ${String(ms)} ms.`;
}
