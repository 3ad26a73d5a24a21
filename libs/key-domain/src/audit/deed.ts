/** Everything that the record of an account can tell of, as `<what>.<what happened to it>`. */
export const AUDIT_ACTIONS = [
  'account.created',
  'account.resumed',
  'account.suspended',
  'format.created',
  'format.deleted',
  'invitation.accepted',
  'invitation.created',
  'invitation.withdrawn',
  'key.created',
  'key.deleted',
  'key.leaked',
  'key.revoked',
  'key.rotated',
  'key.secret_ended',
  'key.updated',
  'keys.imported',
  'keys.revoked',
  'member.changed',
  'member.removed',
  'password.changed',
  'person.linked',
  'policy.changed',
  'product.created',
  'product.deleted',
  'product.updated',
  'request.refused',
  'scope.created',
  'scope.deleted',
  'scope.updated',
  'session.ended',
  'session.opened',
  'session.refused',
  'webhook.created',
  'webhook.deleted',
  'webhook.redelivered',
  'webhook.secret_rotated',
  'webhook.tested',
  'webhook.updated',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** What something was done to. */
export interface AuditTarget {
  readonly type:
    | 'account'
    | 'format'
    | 'import'
    | 'invitation'
    | 'key'
    | 'person'
    | 'policy'
    | 'product'
    | 'revocation'
    | 'route'
    | 'scope'
    | 'webhook';
  readonly id: string;
}

/** Values that JSON can hold, free of tokens, digests, passwords and every other secret. */
export type AuditedState = Readonly<Record<string, unknown>>;

/** Something that was done in an account. */
export interface Deed {
  readonly accountId: string;
  readonly action: AuditAction;
  readonly target: AuditTarget;
  /** The target as it was; null: it was not there, or nothing about it changed. */
  readonly before: AuditedState | null;
  /** The target as it is since; null: it is there no more, or nothing about it changed. */
  readonly after: AuditedState | null;
}

/** What differs between two states, as the record tells it. */
export function changeOf(before: AuditedState, after: AuditedState): Pick<Deed, 'before' | 'after'> {
  const differing = Object.keys({ ...before, ...after }).filter(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  );
  const only = (state: AuditedState) => Object.fromEntries(differing.map((field) => [field, state[field]]));
  return { before: only(before), after: only(after) };
}
