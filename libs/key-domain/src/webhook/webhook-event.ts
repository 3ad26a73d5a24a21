import type { AuditAction, AuditedState, Deed } from '../audit/deed.js';

/** Everything that an account's subscribers can be told of. */
export const WEBHOOK_EVENTS = [
  'key.created',
  'key.updated',
  'key.rotated',
  'key.revoked',
  'key.expiring',
  'key.rotation_due',
  'key.leaked',
  'key.quota_exhausted',
  'account.suspended',
] as const;
export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** What one webhook is sent on request, whatever it subscribed to. */
export const TEST_EVENT = 'webhook.test';

/** An event as it is told of something that was done. */
export interface EventOfDeed {
  readonly type: WebhookEvent;
  /** Beside what identifies the target. */
  readonly details: AuditedState;
}

/** Which deeds subscribers are told of, and what they are told beside the target; null: nothing worth telling. */
const TOLD: { readonly [Action in AuditAction]?: readonly [WebhookEvent, (deed: Deed) => AuditedState | null] } = {
  'account.suspended': ['account.suspended', () => ({})],
  'key.created': ['key.created', () => ({})],
  'key.leaked': ['key.leaked', () => ({})],
  'key.revoked': ['key.revoked', ({ after }) => ({ reason: after?.['revocationReason'] ?? null })],
  'key.rotated': ['key.rotated', () => ({})],
  'key.secret_ended': ['key.updated', () => ({ changed: ['secrets'] })],
  'key.updated': ['key.updated', ({ after }) => changedFields(after)],
};

/** The event that a deed is to an account's subscribers. Null: none. */
export function eventOf(deed: Deed): EventOfDeed | null {
  const told = TOLD[deed.action];
  const details = told?.[1](deed) ?? null;
  return told === undefined || details === null ? null : { type: told[0], details };
}

/** Their names alone: a subscriber that may know the values asks for them. */
function changedFields(after: AuditedState | null): AuditedState | null {
  const changed = Object.keys(after ?? {});
  return changed.length === 0 ? null : { changed };
}
