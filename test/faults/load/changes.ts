import type { KeyTraits, Trait } from '../history/key-traits.js';
import type { Change } from './admin-calls.js';
import { SCOPE } from './target.js';

/** A change of one trait, and the call that asks for it. */
export interface KeyChange<T extends Trait = Trait> {
  readonly what: string;
  readonly trait: T;
  readonly value: KeyTraits[T];
  readonly call: Change;
}

function change<T extends Trait>(what: string, trait: T, value: KeyTraits[T], call: Change): KeyChange<T> {
  return { what, trait, value, call };
}

function patch(body: object): Change {
  return { method: 'PATCH', path: '', body };
}

/** A right taken away, and the same given back. */
export const THERE_AND_BACK: readonly (readonly [KeyChange, KeyChange])[] = [
  [change('disable', 'enabled', false, patch({ enabled: false })), change('enable', 'enabled', true, patch({ enabled: true }))],
  [change('narrow', 'scoped', false, patch({ scopes: [] })), change('widen', 'scoped', true, patch({ scopes: [SCOPE] }))],
];

/** @param at milliseconds since the Unix epoch; null: the end is taken away */
export function expiring(at: number | null): KeyChange {
  const expiresAt = at === null ? null : new Date(at).toISOString();
  return change(`expire at ${expiresAt ?? 'no time'}`, 'expiresAt', at, patch({ expiresAt }));
}

/** After each of these a key is dead for good. */
export const ENDINGS: readonly KeyChange[] = [
  change('revoke', 'revoked', true, { method: 'POST', path: '/revoke', body: { reason: 'unspecified' } }),
  change('revoke', 'revoked', true, { method: 'DELETE', path: '' }),
  change('delete', 'deleted', true, { method: 'DELETE', path: '?permanent=true' }),
];
